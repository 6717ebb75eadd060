/**
 * Spark's tests of streaming aggregation. Most are in update or complete mode over running totals; of those of one batch, windows
 * per micro-batch give the same.
 */
import { expect } from 'vitest';
import * as z from 'zod';
import {
  aggregate,
  avg,
  checkPipeline,
  collect,
  count,
  json,
  kinesis,
  last,
  max,
  type PipelineDefinition,
  perMicroBatch,
  pipeline,
  sum,
  transcript,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { fingerprintOf } from '../../functions/pipeline/fingerprint.ts';
import { fingerprintMessage } from '../../functions/pipeline/fingerprint-change.ts';
import {
  allCountedSoFar,
  allCountedWithNext,
  counted,
  countedSoFar,
  countedWithNext,
  ofAllTime,
  openAt,
  row,
  seconds,
  sink,
  soFar,
} from './seconds.ts';
import { differs, noCounterpart, passes, passesInPart, type Suite, variants } from './suite.ts';

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

const totals = countedSoFar
  .add(3)
  .expect(...soFar([3, 1]))
  .add(3, 2)
  .expect(...soFar([3, 2], [2, 1]))
  .cut()
  .add(3, 2, 1)
  .expect(...soFar([3, 3], [2, 2], [1, 1]))
  .add(4, 4, 4, 4)
  .expect(...soFar([4, 4]));

const allTotals = allCountedSoFar
  .add(3)
  .expect(...soFar([3, 1]))
  .add(2)
  .expect(...soFar([3, 1], [2, 1]))
  .cut()
  .add(3, 2, 1)
  .expect(...soFar([3, 2], [2, 2], [1, 1]))
  .add(4, 4, 4, 4)
  .expect(...soFar([4, 4], [3, 2], [2, 2], [1, 1]));
const sortedTotals = allCountedSoFar
  .add(3)
  .expect(...soFar([3, 1]))
  .add(2, 3)
  .expect(...soFar([3, 2], [2, 1]))
  .cut()
  .add(3, 2, 1)
  .expect(...soFar([3, 3], [2, 2], [1, 1]))
  .add(4, 4, 4, 4)
  .expect(...soFar([4, 4], [3, 3], [2, 2], [1, 1]));

const timeless = seconds.withWatermark(() => 0, { delay: '0 seconds' });
const inOneRow = timeless.groupBy({}).window(ofAllTime);
const countOfAll = transcript(inOneRow.aggregate({ count: count() }).writeStream(sink).outputMode('complete'));
const lastOfAll = transcript(
  inOneRow
    .aggregate({ last: last((value) => value) })
    .writeStream(sink)
    .outputMode('complete'),
);
const countByOne = transcript(
  timeless
    .groupBy({ rest: (value) => value % 1 })
    .window(ofAllTime)
    .aggregate({ count: count() })
    .writeStream(sink)
    .outputMode('complete'),
);

const entries = (...values: readonly number[]) => values.map((value) => ({ value }));

const byTwoKeys = transcript(
  seconds
    .withWatermark(() => 0, { delay: '0 seconds' })
    .groupBy({ value: (value) => value, next: (value) => value + 1 })
    .window(ofAllTime)
    .aggregate({ count: count() })
    .writeStream(sink)
    .outputMode('update'),
);
const ofTwoKeys = (events: number) => [
  { value: 1, next: 2, count: events },
  { value: 2, next: 3, count: events },
];

/** Four is the number that it fails at, the first time. */
const failingOnce = () => {
  let isFirst = true;
  return transcript(
    seconds
      .map((value) => {
        if (value !== 4 || !isFirst) return value;
        isFirst = false;
        throw new Error('injected failure');
      })
      .withWatermark(() => 0, { delay: '0 seconds' })
      .groupBy({ value: (value) => value })
      .window(ofAllTime)
      .aggregate({ count: count() })
      .writeStream(sink)
      .outputMode('update'),
  );
};

const ofTen = seconds
  .withWatermark(() => 0, { delay: '0 seconds' })
  .groupBy({ id: (value) => value % 10 })
  .window(ofAllTime);
const sums = { sum_value: sum((value: number) => value), avg_value: avg((value: number) => value) };
const before = ofTen.aggregate({ ...sums, max_value: max((value) => value) }).writeStream(sink);
const afterwards = ofTen.aggregate({ ...sums, values: collect((value) => value) }).writeStream(sink);
const fingerprintIn = (definition: PipelineDefinition) => fingerprintOf(requirePipeline(definition).aggregation);

const asTotals = 'one window of all time stands for totals';
const countsAlone = 'the counts; plans and partitions are those of Spark, and where nothing has come there is no batch';
const ofTheClock = noCounterpart('callbacks of rows know no time but that of their row');
export const sparkStreamingAggregation: Suite = {
  name: 'Spark: StreamingAggregationSuite',
  source: 'Apache Spark 4.2.0, `org.apache.spark.sql.streaming.StreamingAggregationSuite`',
  variants,
  cases: {
    'simple count, update mode': passes(totals, asTotals),
    'count distinct': passes(
      distinctValues.add({ key: 1, values: [1, 2] }).expect({ key: 1, distinct: 2 }),
      'an aggregate that the test brings, per micro-batch',
    ),
    'simple count, complete mode': passes(allTotals, asTotals),
    'simple count, append mode': passes(() => {
      const withoutTime = seconds.groupBy({ value: (value) => value });
      const windows = tumbling('5 seconds') as never as ReturnType<typeof perMicroBatch>;
      const definition = withoutTime.window(windows).aggregate({ count: count() }).writeStream(sink);
      expect(checkPipeline(definition).kind).toBe('invalid');
    }, 'windows without a watermark are refused'),
    'sort after aggregate in complete mode': passesInPart(sortedTotals, 'the rows, in no order'),
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
    'state metrics - update/complete mode': passes((variant) => {
      countedWithNext
        .add(1)
        .expect(...soFar([1, 1], [2, 1]))
        .expectOpen(...entries(1, 2))
        .add(2, 3)
        .expect(...soFar([2, 2], [3, 2], [4, 1]))
        .expectOpen(...entries(1, 2, 3, 4))
        .run(variant);
      allCountedWithNext
        .add(1)
        .expect(...soFar([1, 1], [2, 1]))
        .expectOpen(...entries(1, 2))
        .add(2, 3)
        .expect(...soFar([1, 1], [2, 2], [3, 2], [4, 1]))
        .expectOpen(...entries(1, 2, 3, 4))
        .run(variant);
    }, asTotals),
    'multiple keys': passes(
      byTwoKeys
        .add(1, 2)
        .expect(...ofTwoKeys(1))
        .add(1, 2)
        .expect(...ofTwoKeys(2)),
      asTotals,
    ),
    "SPARK-29438: ensure UNION doesn't lead streaming aggregation to use shifted partition IDs":
      noCounterpart('unions'),
    'midbatch failure': differs(
      (variant) =>
        failingOnce()
          .add(1, 2, 3, 4)
          .expect(...soFar([1, 1], [2, 1], [3, 1]))
          .expectDead({ event: 4, reason: 'callback-failed', message: 'injected failure' })
          .run(variant),
      'a callback that throws makes a dead letter, and the batch goes on',
    ),
    'prune results by current_time or localtimestamp, complete mode': ofTheClock,
    'prune results by current_date, complete mode': ofTheClock,
    'SPARK-19690: do not convert batch aggregation in streaming query to streaming': noCounterpart('joins'),
    'SPARK-21977: coalesce(1) with 0 partition RDD should be repartitioned to 1': passesInPart(
      countOfAll.add(1).expect({ count: 1 }).add().add(2, 3).expect({ count: 3 }).add(),
      countsAlone,
    ),
    'SPARK-21977: coalesce(1) with aggregation should still be repartitioned when it has non-empty grouping keys':
      passesInPart(
        countByOne.add(1).expect({ rest: 0, count: 1 }).cut().add(2, 3, 4).expect({ rest: 0, count: 4 }).add(),
        countsAlone,
      ),
    'SPARK-22230: last should change with new batches': differs(
      lastOfAll.add(1, 2, 3).expect({ last: 3 }).add(4, 5, 6).expect({ last: 6 }).add().add(0).expect({ last: 0 }),
      'where nothing has come there is no batch, and nothing is given again',
    ),
    'SPARK-23004: Ensure that TypedImperativeAggregate functions do not throw errors': passes(
      lists
        .add(...oneToMany)
        .expect(...oneToMany.map((group) => ({ group, values: { values: [group], truncated: 0 } }))),
      'per micro-batch',
    ),
    'simple count, update mode - recovery from checkpoint uses state format version 1': passesInPart(
      totals,
      'from a cut, not from files of Spark',
    ),
    'changing schema of state when restarting query': passes(() => {
      const [saved, current] = [fingerprintIn(before), fingerprintIn(afterwards)];
      expect(saved).not.toBe(current);
      const changes =
        "aggregate 'values' is new, and can start empty with the pipeline's option newAggregates: 'start-empty'";
      expect(fingerprintMessage(saved, current)).toContain(changes);
      transcript(before).add(1, 11).close().expect({ id: 1, sum_value: 12, avg_value: 6, max_value: 11 }).run();
    }, 'by the fingerprint, which a plan compares before it does anything'),
    'changing schema of state when restarting query - schema check off': noCounterpart(
      'the fingerprint is always compared',
    ),
    'SPARK-35896: metrics in StateOperatorProgress are output correctly': passesInPart((variant) => {
      countedSoFar
        .add(3, 2, 1, 3)
        .expect(...soFar([3, 2], [2, 1], [1, 1]))
        .expectOpen(...entries(1, 2, 3))
        .add(1, 4)
        .expect(...soFar([1, 2], [4, 1]))
        .run(variant);
      allCountedSoFar
        .add(3, 2, 1, 3)
        .expect(...soFar([3, 2], [2, 1], [1, 1]))
        .expectOpen(...entries(1, 2, 3))
        .add(1, 4)
        .expect(...soFar([3, 2], [2, 1], [1, 2], [4, 1]))
        .run(variant);
      counted
        .add(3, 2, 1, 9)
        .add(25)
        .expect(row([0, 3]), row([5, 1]))
        .expectOpen(openAt(25))
        .run(variant);
    }, 'rows and open windows in all three modes; there are no partitions of which to tell the number'),
    'test that avro encoding is not supported': noCounterpart('state has one encoding'),
  },
};
