/**
 * Spark's tests of `dropDuplicates` and `dropDuplicatesWithinWatermark`. Rows of state are keys that are known here, one for each event that
 * has passed and is not forgotten. What Spark never forgets is kept here for longer than any time that is tested.
 */
import { expect } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, pipeline, sum, transcript, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { fingerprintMessage } from '../../functions/pipeline/fingerprint-change.ts';
import { iso, ofAllTime, openAt, row, seconds, sink, timed } from './seconds.ts';
import { differs, noCounterpart, passes, passesInPart, type Suite, type Variant, variants } from './suite.ts';

const source = kinesis({ streamName: 'source' });
const pair = z.object({ key: z.string(), number: z.number(), more: z.string().optional() });
type Pair = z.infer<typeof pair>;
const p = (key: string, number: number): Pair => ({ key, number });
const pairs = pipeline('pairs').readStream(source).decode(json(pair));
const untimed = pairs.withWatermark(() => 0, { delay: '0 seconds' });
const forGood = { within: '36500 days' } as const;
const byFirst = { key: ({ key }: Pair) => key };
const byBoth = { ...byFirst, number: ({ number }: Pair) => number };

const ofFirst = transcript(untimed.dropDuplicates(byFirst, forGood).writeStream(sink));
const ofBoth = transcript(untimed.dropDuplicates(byBoth, forGood).writeStream(sink));

/** Events of whole seconds, each a key of its own with its time, ten behind. */
const once = transcript(
  timed.dropDuplicates({ second: (second) => second }, { within: '1 millisecond' }).writeStream(sink),
);
const all = [10, 11, 12, 13, 14, 15];
const fiveTimes = [all, all, all, all, all].flat();
const known = (...given: readonly number[]) => given.map((second) => ({ second }));

const withAWatermark = once
  .add(...fiveTimes)
  .expect(...all)
  .expectOpen(...known(...all))
  .add(25)
  .expect(25)
  .expectWatermark(iso(15))
  .expectOpen(...known(15, 25))
  .add(10)
  .expectLate(10)
  .expectOpen(...known(15, 25));
const keptAtTheWatermark =
  'rows are the same; what is at the watermark is not late yet here, so its key is known for a millisecond more';

const ofKeys = ofFirst.add(p('a', 1)).expect(p('a', 1)).add(p('a', 2), p('b', 3)).expect(p('b', 3));
const withAnotherField = ofKeys
  .cut()
  .add(...['a', 'b', 'c'].map((key): Pair => ({ ...p(key, 5), more: key })))
  .expect({ ...p('c', 5), more: 'c' });

const timesAndIds = transcript(
  pairs
    .withWatermark(({ number }) => number * 1000, { delay: '1 second' })
    .dropDuplicates(byBoth, { within: '1 millisecond' })
    .map(({ key }) => key)
    .writeStream(sink),
);
const filteredByKeys = timesAndIds
  .add(p('1', 1), p('1', 1), p('2', 1))
  .expect('1', '2')
  .add(p('1', 1), p('3', 2), p('4', 2))
  .expect('3', '4')
  .expectWatermark(iso(1))
  .add(p('0', 1), p('1', 1), p('5', 3), p('6', 3))
  .expect('0', '5', '6')
  .add(p('0', 1), p('7', 4))
  .expect('7')
  .expectLate(p('0', 1));

const otherKeysAreRefused = () => {
  const [saved, current] = [byFirst, byBoth].map(
    (keys) => requirePipeline(untimed.dropDuplicates(keys as typeof byFirst, forGood).writeStream(sink)).fingerprint,
  );
  expect(fingerprintMessage(saved!, current!)).toContain('groupBy: ["key"] is now ["key","number"]');
};

const withoutEventTime = () => expect(pairs).not.toHaveProperty('dropDuplicates');

/** Seconds that are counted once, in windows of five. */
const fives = transcript(
  timed
    .dropDuplicates({ second: (second) => second }, { within: '1 millisecond' })
    .groupBy({})
    .window(tumbling('5 seconds'))
    .aggregate({ count: count() })
    .map(({ windowStart, count: events }) => ({ start: Date.parse(windowStart) / 1000, count: events }))
    .writeStream(sink),
);
const inAppendMode = fives
  .add(...fiveTimes)
  .expectOpen(openAt(10), openAt(15))
  .add(25)
  .expect(row([10, 5]))
  .expectOpen(openAt(15), openAt(25))
  .add(10)
  .expectLate(10)
  .expectOpen(openAt(15), openAt(25))
  .add(40)
  .expect(row([15, 1]), row([25, 1]))
  .expectOpen(openAt(40));

/** The sum of different numbers under each key. */
const sums = untimed
  .dropDuplicates(byBoth, forGood)
  .groupBy(byFirst)
  .window(ofAllTime)
  .aggregate({ total: sum(({ number }) => number) })
  .map(({ key, total }) => ({ key, total }))
  .writeStream(sink);
const totals = (...given: readonly (readonly [string, number])[]) => given.map(([key, total]) => ({ key, total }));
const inUpdateMode = transcript(sums.outputMode('update'))
  .add(p('a', 1))
  .expect(...totals(['a', 1]))
  .add(p('a', 1))
  .add(p('a', 2))
  .expect(...totals(['a', 3]))
  .add(p('b', 1))
  .expect(...totals(['b', 1]));
const inCompleteMode = transcript(sums.outputMode('complete'))
  .add(p('a', 1))
  .expect(...totals(['a', 1]))
  .add(p('a', 1))
  .expect(...totals(['a', 1]))
  .add(p('a', 2))
  .expect(...totals(['a', 3]))
  .add(p('b', 1))
  .expect(...totals(['a', 3], ['b', 1]));

export const sparkDeduplication: Suite = {
  name: 'Spark: StreamingDeduplicationSuite',
  source: 'Apache Spark 4.2.0, `org.apache.spark.sql.streaming.StreamingDeduplicationSuite`',
  variants,
  cases: {
    'deduplicate with all columns': passes(
      ofBoth.add(p('a', 1)).expect(p('a', 1)).add(p('a', 1)).add(p('b', 1)).expect(p('b', 1)),
    ),
    'deduplicate with some columns': passes(
      ofFirst
        .add(p('a', 1))
        .expect(p('a', 1))
        .expectOpen({ key: 'a' })
        .add(p('a', 2))
        .expectOpen({ key: 'a' })
        .add(p('b', 1))
        .expect(p('b', 1))
        .expectOpen({ key: 'a' }, { key: 'b' }),
    ),
    'multiple deduplicates': passesInPart(
      ofFirst.add(p('a', 1)).expect(p('a', 1)).add(p('a', 2)).add(p('b', 1)).expect(p('b', 1)),
      'the one with fewer columns gives the same alone; there can be one in a pipeline',
    ),
    'SPARK-35896: metrics in StateOperatorProgress are output correctly': passesInPart(
      withAWatermark,
      `${keptAtTheWatermark}. Reports do not tell partitions apart`,
    ),
    'deduplicate with watermark': passesInPart(
      withAWatermark
        .add(45)
        .expect(45)
        .expectOpen(...known(45)),
      keptAtTheWatermark,
    ),
    'deduplicate with aggregate - append mode': passes(inAppendMode),
    'deduplicate with aggregate - update mode': passes(inUpdateMode),
    'deduplicate with aggregate - complete mode': passes(inCompleteMode),
    'deduplicate with file sink': passesInPart(
      ofBoth.add(p('a', 1)).expect(p('a', 1)).cut().add(p('a', 1)).cut().add(p('b', 1)).expect(p('b', 1)),
      'whatever the sink; there is none of Parquet files',
    ),
    'SPARK-19841: watermarkPredicate should filter based on keys': differs(
      filteredByKeys,
      'what is at the watermark is in time here, and passes; in Spark it is late',
    ),
    "SPARK-21546: dropDuplicates should ignore watermark when it's not a key": passes(
      ofFirst.add(p('1', 1), p('1', 2), p('2', 2)).expect(p('1', 1), p('2', 2)),
    ),
    'test no-data flag': passesInPart(
      once
        .add(...all)
        .expect(...all)
        .expectOpen(...known(...all))
        .add(25)
        .expect(25)
        .expectOpen(...known(15, 25)),
      `keys are forgotten in the batch that brings the watermark. ${keptAtTheWatermark}`,
    ),
    "SPARK-29438: ensure UNION doesn't lead streaming deduplication to use shifted partition IDs": passesInPart(
      transcript(
        seconds
          .withWatermark(() => 0, { delay: '0 seconds' })
          .dropDuplicates({ value: (value) => value }, forGood)
          .writeStream(sink),
      )
        .add(21, 22)
        .expect(21, 22)
        .cut()
        .add(22, 23)
        .expect(23),
      'what a key group knows it knows after a restart; there are no unions',
    ),
    'SPARK-35880: custom metric numDroppedDuplicateRows in state operator progress': passesInPart(
      (variant: Variant) => {
        ofKeys.add(p('a', 5), p('b', 2), p('c', 9)).expect(p('c', 9)).run(variant);
        once
          .add(...fiveTimes)
          .expect(...all)
          .add(14)
          .add(25)
          .expect(25)
          .add(10)
          .expectLate(10)
          .add(26, 26)
          .expect(26)
          .run(variant);
      },
      'the rows; a report counts what is in time and what passes, and their difference are duplicates',
    ),
    'SPARK-39650: duplicate with specific keys should allow input to change schema': passes(withAnotherField),
    'SPARK-39650: recovery from checkpoint having all columns as value schema with sparkVersion=3.3.0': passesInPart(
      withAnotherField,
      'from a cut, not from files of Spark',
    ),
    'SPARK-39650: recovery from checkpoint having all columns as value schema with sparkVersion=3.5.1': passesInPart(
      withAnotherField,
      'from a cut, not from files of Spark',
    ),
    'SPARK-39650: recovery from checkpoint with changes on key schema are not allowed with sparkVersion=3.3.0':
      passes(otherKeysAreRefused),
    'SPARK-39650: recovery from checkpoint with changes on key schema are not allowed with sparkVersion=3.5.1':
      passes(otherKeysAreRefused),
    'collation aware deduplication': passesInPart(
      ofFirst.add(p('a', 1)).expect(p('a', 1)).add(p('a', 2)).add(p('ä', 1)).expect(p('ä', 1)),
      'keys are compared as they are; there are no collations',
    ),
    'non-binary collation aware deduplication not supported': noCounterpart('collations'),
    'test that avro encoding is not supported': noCounterpart('encodings of state'),
  },
};

const tenBehind = transcript(
  timed.dropDuplicates({ second: (second) => second }, { within: '10 seconds' }).writeStream(sink),
);
const twoBehind = transcript(
  pairs
    .withWatermark(({ number }) => number * 1000, { delay: '2 seconds' })
    .dropDuplicates(byFirst, { within: '2 seconds' })
    .writeStream(sink),
);
const keys = (...given: readonly string[]) => given.map((key) => ({ key }));
const ofASubset = twoBehind
  .add(p('a', 17))
  .expect(p('a', 17))
  .expectOpen(...keys('a'))
  .add(p('a', 16))
  .expectOpen(...keys('a'))
  .add(p('a', 13))
  .expectLate(p('a', 13))
  .expectOpen(...keys('a'))
  .add(p('b', 22), p('c', 21))
  .expect(p('b', 22), p('c', 21))
  .expectOpen(...keys('b', 'c'))
  .add(p('a', 21))
  .expect(p('a', 21))
  .expectOpen(...keys('a', 'b', 'c'))
  .add(p('d', 25))
  .expect(p('d', 25))
  .expectOpen(...keys('b', 'd'));
const tenSeconds = pairs.withWatermark(({ number }) => number * 1000, { delay: '10 seconds' });
const ofTenSeconds = transcript(tenSeconds.dropDuplicates(byFirst, { within: '10 seconds' }).writeStream(sink));

export const sparkDeduplicationWithinWatermark: Suite = {
  name: 'Spark: StreamingDeduplicationWithinWatermarkSuite',
  source:
    'Apache Spark, `org.apache.spark.sql.streaming.StreamingDeduplicationWithinWatermarkSuite`; `within` is the delay',
  variants,
  cases: {
    'deduplicate in batch DataFrame': noCounterpart('frames that are no streams'),
    'deduplicate without event time column should result in error': passes(
      withoutEventTime,
      'there is no such step before `withWatermark`',
    ),
    'deduplicate with all columns with event time column in DataFrame': passes(
      tenBehind
        .add(...fiveTimes)
        .expect(...all)
        .expectOpen(...known(...all))
        .add(13, 14, 15, 16, 17)
        .expect(16, 17)
        .expectOpen(...known(...all, 16, 17))
        .add(5)
        .expectLate(5)
        .expectOpen(...known(...all, 16, 17))
        .add(35)
        .expect(35)
        .expectOpen(...known(16, 17, 35))
        .add(55)
        .expect(55)
        .expectOpen(...known(55)),
    ),
    'deduplicate with subset of columns which event time column is not in subset': passes(ofASubset),
    'incremental cleanup factor does not change dropDuplicatesWithinWatermark output': passes(
      ofASubset,
      'keys are forgotten when a batch ends, whatever its size',
    ),
    'SPARK-39650: duplicate with specific keys should allow input to change schema': passes(
      ofTenSeconds
        .add(p('a', 1))
        .expect(p('a', 1))
        .add(p('a', 2), p('b', 3))
        .expect(p('b', 3))
        .cut()
        .add({ ...p('a', 5), more: 'a' }, { ...p('b', 2), more: 'b' }, { ...p('c', 9), more: 'c' })
        .expect({ ...p('c', 9), more: 'c' }),
    ),
    'SPARK-46676: canonicalization of StreamingDeduplicateWithinWatermarkExec should work': passesInPart(
      ofTenSeconds.add(p('a', 1)).expect(p('a', 1)),
      'the row; there are no plans',
    ),
    'SPARK-50492: drop event time column after dropDuplicatesWithinWatermark': passes(
      transcript(
        tenSeconds
          .dropDuplicates(byFirst, { within: '10 seconds' })
          .map(({ key }) => key)
          .writeStream(sink),
      )
        .add(p('2', 1))
        .expect('2'),
    ),
    'Partition key extraction - DedupeWithinWatermark': noCounterpart('a state that is read from outside'),
  },
};
