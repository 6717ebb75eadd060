/**
 * Spark's tests of streaming aggregation. Most are in update or complete mode over running totals; of those of one batch, windows
 * per micro-batch give the same.
 */
import { expect } from 'vitest';
import * as z from 'zod';
import {
  aggregate,
  checkPipeline,
  collect,
  count,
  json,
  kinesis,
  perMicroBatch,
  pipeline,
  transcript,
  tumbling,
} from '../../functions/index.ts';
import { counted, openAt, row, seconds, sink } from './seconds.ts';
import { noCounterpart, passes, passesInPart, type Suite, variants, waitsFor } from './suite.ts';

const list = z.object({ key: z.number(), values: z.array(z.number()) });
type List = z.infer<typeof list>;

const distinct = aggregate({
  name: 'distinct',
  version: 1,
  empty: () => new Set<number>(),
  add: (seen, { values }: List) => new Set([...seen, ...values]),
  merge: (one, other) => new Set([...one, ...other]),
  save: (seen) => [...seen],
  restore: (saved) => new Set(saved),
  result: (seen) => seen.size,
});
const distinctValues = transcript(
  pipeline('distinct')
    .readStream(kinesis({ streamName: 'source' }))
    .decode(json(list))
    .groupBy({ key: ({ key }) => key })
    .window(perMicroBatch())
    .aggregate({ distinct })
    .writeStream(sink),
);

const lists = transcript(
  seconds
    .groupBy({ group: (value) => value })
    .window(perMicroBatch())
    .aggregate({ values: collect((value) => value) })
    .writeStream(sink),
);
/** As many as make Spark sort instead of hash. */
const oneToMany = Array.from({ length: 128 }, (_, at) => at + 1);

const running = waitsFor('running totals (update mode)');
const complete = waitsFor('output mode complete');
const plans = noCounterpart('what is tested are plans and partitions of Spark');
const byHand = noCounterpart(
  'it tests what Spark does with the schema of saved state; here the fingerprint refuses a change',
);

export const sparkStreamingAggregation: Suite = {
  name: 'Spark: StreamingAggregationSuite',
  source: 'Apache Spark 4.2.0, `org.apache.spark.sql.streaming.StreamingAggregationSuite`',
  variants,
  cases: {
    'simple count, update mode': running,
    'count distinct': passes(
      distinctValues.add({ key: 1, values: [1, 2] }).expect({ key: 1, distinct: 2 }),
      'an aggregate that the test brings, per micro-batch',
    ),
    'simple count, complete mode': complete,
    'simple count, append mode': passes(() => {
      const withoutTime = seconds.groupBy({ value: (value) => value });
      const windows = tumbling('5 seconds') as never as ReturnType<typeof perMicroBatch>;
      const definition = withoutTime.window(windows).aggregate({ count: count() }).writeStream(sink);
      expect(checkPipeline(definition).kind).toBe('invalid');
    }, 'windows without a watermark are refused'),
    'sort after aggregate in complete mode': complete,
    'state metrics - append mode': passes(
      counted
        .add(15)
        .expectOpen(openAt(15))
        .add(10, 12, 14)
        .expectOpen(openAt(10), openAt(15))
        .add(25)
        .expect(row([10, 3]))
        .expectOpen(openAt(15), openAt(25)),
    ),
    'state metrics - update/complete mode': running,
    'multiple keys': running,
    "SPARK-29438: ensure UNION doesn't lead streaming aggregation to use shifted partition IDs":
      noCounterpart('unions'),
    'midbatch failure': noCounterpart('a callback that throws makes a dead letter, and fails no batch'),
    'prune results by current_time or localtimestamp, complete mode': complete,
    'prune results by current_date, complete mode': complete,
    'SPARK-19690: do not convert batch aggregation in streaming query to streaming': noCounterpart('joins'),
    'SPARK-21977: coalesce(1) with 0 partition RDD should be repartitioned to 1': plans,
    'SPARK-21977: coalesce(1) with aggregation should still be repartitioned when it has non-empty grouping keys':
      plans,
    'SPARK-22230: last should change with new batches': complete,
    'SPARK-23004: Ensure that TypedImperativeAggregate functions do not throw errors': passes(
      lists
        .add(...oneToMany)
        .expect(...oneToMany.map((group) => ({ group, values: { values: [group], truncated: 0 } }))),
      'per micro-batch',
    ),
    'simple count, update mode - recovery from checkpoint uses state format version 1': running,
    'changing schema of state when restarting query': byHand,
    'changing schema of state when restarting query - schema check off': byHand,
    'SPARK-35896: metrics in StateOperatorProgress are output correctly': passesInPart(
      counted
        .add(3, 2, 1, 9)
        .add(25)
        .expect(row([0, 3]), row([5, 1]))
        .expectOpen(openAt(25)),
      'what is in append mode',
    ),
    'test that avro encoding is not supported': noCounterpart('state has one encoding'),
  },
};
