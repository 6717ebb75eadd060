/**
 * Spark's tests of event time and watermarks. Where Spark checks the watermark that a batch began with, here
 * stands the one that the batch before ended with.
 */
import { expect } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, pipeline, runPipeline, transcript, tumbling } from '../../functions/index.ts';
import {
  counted,
  countedInCompleteMode,
  countedInUpdateMode,
  iso,
  openAt,
  row,
  seconds,
  sink,
  timed,
} from './seconds.ts';
import { sparkDelays, sparkEventTimeStats } from './spark-event-time-stats.ts';
import { differs, noCounterpart, passes, passesInPart, type Suite, type Variant, variants } from './suite.ts';

const inAppendMode = counted
  .add(10, 11, 12, 13, 14, 15)
  .expectOpen(openAt(10), openAt(15))
  .add(25)
  .expect(row([10, 5]))
  .expectOpen(openAt(15), openAt(25))
  .add(10)
  .expectLate(10)
  .expectOpen(openAt(15), openAt(25));

const byMetrics = counted
  .add(15)
  .expectWatermark(iso(5))
  .add(10, 12, 14)
  .expectWatermark(iso(5))
  .add(25)
  .expect(row([10, 3]))
  .expectWatermark(iso(15));

const acrossRestarts = counted
  .add(15)
  .add(10, 12, 14)
  .cut()
  .add(25)
  .expect(row([10, 3]))
  .cut()
  .add(50)
  .expect(row([15, 1]), row([25, 1]))
  .cut()
  .add(50);

const inUpdateMode = countedInUpdateMode
  .add(10, 11, 12, 13, 14, 15)
  .expect(row([10, 5]), row([15, 1]))
  .add(25)
  .expect(row([25, 1]))
  .expectOpen(openAt(15), openAt(25))
  .add(10, 25)
  .expect(row([25, 2]))
  .expectLate(10)
  .expectOpen(openAt(15), openAt(25))
  .add(10)
  .expectLate(10)
  .expectOpen(openAt(15), openAt(25));

const inCompleteMode = countedInCompleteMode
  .add(10, 11, 12)
  .expect(row([10, 3]))
  .add(25)
  .expect(row([10, 3]), row([25, 1]))
  .add(25)
  .expect(row([10, 3]), row([25, 2]))
  .add(10)
  .expect(row([10, 4]), row([25, 2]))
  .add(25)
  .expect(row([10, 4]), row([25, 3]));
const ofBothQueries = (variant: Variant) => {
  countedInCompleteMode
    .add(15)
    .expect(row([15, 1]))
    .add(10, 12, 14)
    .expect(row([10, 3]), row([15, 1]))
    .run(variant);
  byMetrics.run(variant);
};

const trades = pipeline('trades')
  .readStream(kinesis({ streamName: 'source' }))
  .decode(json(z.object({ symbol: z.string(), price: z.number(), eventTime: z.number() })))
  .withWatermark(({ eventTime }) => eventTime, { delay: '2 seconds' })
  .groupBy({ symbol: ({ symbol }) => symbol })
  .window(tumbling('1 millisecond'))
  .aggregate({ count: count() })
  .writeStream(sink);

const oneByOne = transcript(
  timed.groupBy({}).window(tumbling('1 millisecond')).aggregate({ count: count() }).writeStream(sink),
);

/** Two streams with delays of their own: here two shards, of which the second's events count as later by what it has less. */
const ofShards = (further: number) =>
  transcript(
    seconds
      .withWatermark((second, { shardId }) => (second - (shardId === 'first' ? 0 : further)) * 1000, {
        delay: '10 seconds',
      })
      .writeStream(sink),
  );
const twoStreams = ofShards(-5);
const both = (first: readonly number[], second: readonly number[]) => ({ first, second });

const leastOfTwo = twoStreams
  .addToShards(both([11], []))
  .expect(11)
  .expectWatermark(null)
  .addToShards(both([], [6]))
  .expect(6)
  .expectWatermark(iso(1))
  .addToShards(both([], [8]))
  .expect(8)
  .expectWatermark(iso(1))
  .addToShards(both([21], []))
  .expect(21)
  .expectWatermark(iso(3))
  .addToShards(both([], [17, 28, 39]))
  .expect(17, 28, 39)
  .expectWatermark(iso(11))
  .addToShards(both([31], []))
  .expect(31)
  .expectWatermark(iso(21))
  .addToShards(both([41], []))
  .expect(41)
  .expectWatermark(iso(31))
  .addToShards(both([51], []))
  .expect(51)
  .expectWatermark(iso(34))
  .addToShards(both([100], [100]))
  .expect(100, 100)
  .expectWatermark(iso(90))
  .addToShards(both([120], [110]))
  .expect(120, 110)
  .expectWatermark(iso(105))
  .addToShards(both([130], [125]))
  .expect(130, 125)
  .expectWatermark(iso(120))
  .addToShards(both([100], [100]))
  .expect(100, 100)
  .expectWatermark(iso(120))
  .addToShards(both([140], [100]))
  .expect(140, 100)
  .expectWatermark(iso(120))
  .addToShards(both([100], [135]))
  .expect(100, 135)
  .expectWatermark(iso(130))
  .addToShards(both([200], [190]))
  .expect(200, 190)
  .expectWatermark(iso(185))
  .cut()
  .addToShards(both([], [200]))
  .expect(200)
  .expectWatermark(iso(190))
  .addToShards(both([200], []))
  .expect(200)
  .expectWatermark(iso(190));

const leastPolicy = ofShards(5)
  .addToShards(both([20], [30]))
  .expect(20, 30)
  .expectWatermark(iso(10))
  .cut()
  .addToShards(both([120], [130]))
  .expect(120, 130)
  .expectWatermark(iso(110))
  .addToShards(both([], [150]))
  .expect(150)
  .expectWatermark(iso(110));

const leastFromBefore = ofShards(5)
  .addToShards(both([20], [30]))
  .expect(20, 30)
  .addToShards(both([10], []))
  .expect(10)
  .cut()
  .addToShards(both([120], [130]))
  .expect(120, 130)
  .expectWatermark(iso(110))
  .addToShards(both([], [150]))
  .expect(150)
  .expectWatermark(iso(110));

const keepsAll =
  'with a delay so long that no window closes: one that is over is given out no more here, whatever the mode';
const joins = noCounterpart('joins');
const onlyLeast = noCounterpart('the watermark is the least of the shards; there is no other policy');

export const sparkEventTimeWatermark: Suite = {
  name: 'Spark: EventTimeWatermarkSuite',
  source: 'Apache Spark 4.2.0, `org.apache.spark.sql.streaming.EventTimeWatermarkSuite`',
  variants,
  cases: {
    ...sparkEventTimeStats,
    ...sparkDelays,
    'withWatermark should work with alias-qualified column name': passes(byMetrics),
    'event time and watermark metrics': passesInPart(
      ofBothQueries,
      'the rows and watermarks of both queries; reports have no statistics of event times',
    ),
    'event time and watermark metrics with Trigger.Once (SPARK-24699)': differs(
      acrossRestarts,
      'rows come in the batch that brings the watermark, not in the next run',
    ),
    'recovery from Spark ver 2.3.1 commit log without commit metadata (SPARK-24699)': passesInPart(
      acrossRestarts,
      'from a cut, not from files of Spark',
    ),
    'append mode': passes(inAppendMode),
    'update mode': passes(inUpdateMode),
    recovery: passes(
      counted
        .add(10, 11, 12, 13, 14, 15)
        .add(25)
        .expect(row([10, 5]))
        .cut()
        .add(10, 27, 30)
        .expect(row([15, 1]))
        .expectLate(10)
        .cut()
        .add(17)
        .expectLate(17)
        .add(40)
        .expect(row([25, 2])),
    ),
    'watermark with 2 streams': differs(
      leastOfTwo,
      'two shards stand for the streams. What one of them has proven survives a restart, so the watermark goes on at once',
    ),
    'complete mode': passes(inCompleteMode, keepsAll),
    'group by on raw timestamp': passes(
      oneByOne
        .add(10)
        .add(25)
        .expect({ windowStart: iso(10), count: 1 }),
      'windows of a millisecond',
    ),
    'overriding watermark should not be allowed by default': passes(() => {
      expect(Object.keys(seconds)).toContain('withWatermark');
      expect(Object.keys(timed)).not.toContain('withWatermark');
    }, 'the chain does not offer a second one'),
    'overriding watermark should not fail in compatibility mode': noCounterpart('no compatibility mode'),
    'multiple event time columns in an input DataFrame for stateful operator is not allowed': joins,
    'stateful operator should pick the first occurrence of event time column if there is multiple event time columns in compatibility mode':
      joins,
    'EventTime watermark should be ignored in batch query.': passesInPart(() => {
      const events = Array.from({ length: 100 }, (_, at) => at + 1);
      const definition = seconds.withWatermark((second) => second * 1000, { delay: '1 minute' }).writeStream(sink);
      expect(runPipeline(definition, { events, eventsPerBatch: 10 })).toMatchObject({ results: events, late: [] });
      const turned = events.toReversed();
      expect(runPipeline(definition, { events: turned, eventsPerBatch: 10 })).toMatchObject({
        ...{ results: turned, late: [] },
      });
    }, 'there are no batch queries: what is not grouped is never late'),
    'SPARK-21565: watermark operator accepts attributes from replacement': passes(
      transcript(trades)
        .add({ symbol: 'a', price: 100, eventTime: 100 })
        .close()
        .expect({ symbol: 'a', windowStart: iso(0.1), count: 1 }),
      'also what it comes to, which Spark does not ask',
    ),
    'SPARK-27340 Alias on TimeWindow expression cause watermark metadata lost': passes(inAppendMode),
    'test no-data flag': passes(inAppendMode, 'as with the flag'),
    'MultipleWatermarkPolicy: max': onlyLeast,
    'MultipleWatermarkPolicy: min': passes(leastPolicy, 'two shards stand for the streams'),
    'MultipleWatermarkPolicy: recovery from checkpoints ignores session conf': onlyLeast,
    'MultipleWatermarkPolicy: recovery from Spark ver 2.3.1 checkpoints ensures min policy': passesInPart(
      leastFromBefore,
      'from a cut, not from files of Spark',
    ),
    'MultipleWatermarkPolicy: fail on incorrect conf values': onlyLeast,
  },
};
