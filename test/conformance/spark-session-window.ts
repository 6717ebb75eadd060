/**
 * Spark's tests of `session_window`. It splits lines into words, of which each has sessions of its own; here an event is a word.
 * Where a batch of Spark moves the watermark, the next one closes sessions; here the same one does.
 */
import * as z from 'zod';
import {
  aggregate,
  avg,
  count,
  first,
  json,
  kinesis,
  last,
  percentile,
  pipeline,
  session,
  stddev,
  sum,
  transcript,
  variance,
} from '../../functions/index.ts';
import { seconds, sink } from './seconds.ts';
import { differs, noCounterpart, passes, type Suite, variants, waitsFor } from './suite.ts';

const secondOf = (iso: string): number => Date.parse(iso) / 1000;

const sessions = pipeline('words')
  .readStream(kinesis({ streamName: 'source' }))
  .decode(json(z.object({ word: z.string(), second: z.number() })))
  .withWatermark(({ second }) => second * 1000, { delay: '30 seconds' })
  .groupBy({ word: ({ word }) => word })
  .window(session('10 seconds'));

const words = (line: string, second: number) => line.split(' ').map((word) => ({ word, second }));
const ofWord = (word: string, start: number, end: number, events: number) => ({ word, start, end, events });

const written = sessions
  .aggregate({ events: count() })
  .map(({ word, windowStart, windowEnd, events }) => ofWord(word, secondOf(windowStart), secondOf(windowEnd), events))
  .writeStream(sink);
const counted = transcript(written);
/** A session that grows is another window: the former one is taken back. */
const updated = transcript(written.outputMode('update'))
  .add(...words('hello', 40))
  .expect(ofWord('hello', 40, 50, 1))
  .add(...words('hello', 45))
  .expect(ofWord('hello', 40, 55, 2), { word: 'hello', _sluice: { window: [40_000, 50_000], retracted: true } });

const beforeSessions = counted
  .add(...words('hello world spark streaming', 40), ...words('world hello structured streaming', 41))
  .add(...words('spark streaming', 25))
  .add(...words('spark streaming', 0))
  .expectLate(...words('spark streaming', 0));
const restOf = (given: typeof beforeSessions) =>
  given.add(...words('hello apache spark', 60)).add(...words('structured streaming', 90));
const others = [ofWord('hello', 40, 51, 2), ofWord('world', 40, 51, 2), ofWord('structured', 41, 51, 1)];

/** As Spark has it: the session from 25 on ends at 40, where the next one begins. */
const touching = restOf(beforeSessions.add(...words('spark streaming', 30))).expect(
  ...[ofWord('spark', 25, 40, 2), ofWord('spark', 40, 50, 1)],
  ...[ofWord('streaming', 25, 40, 2), ofWord('streaming', 40, 51, 2)],
  ...others,
);
/** What Spark expects, from words that come a second later. */
const joined = restOf(beforeSessions.add(...words('spark streaming', 31))).expect(
  ...[ofWord('spark', 25, 50, 3), ofWord('streaming', 25, 51, 4)],
  ...others,
);

const summed = aggregate({
  name: 'summed',
  version: 1,
  empty: () => 0,
  add: (total, { second }: { second: number }) => total + second,
  merge: (one, other) => one + other,
  result: (total) => total,
});
const nested = (second: number) => ({ double: { single: second, other: second }, single: second });
const withMoreAggregates = transcript(
  sessions
    .aggregate({
      mean: avg(({ second }) => second),
      median: percentile(({ second }) => second, 0.5),
      deviation: stddev(({ second }) => second),
      variance: variance(({ second }) => second),
      first: first(({ second }) => nested(second)),
      last: last(({ second }) => nested(second)),
      summed,
    })
    // Spark's test casts it to a whole number.
    .map(({ median, ...row }) => ({ ...row, median: Math.round(median ?? 0) }))
    .writeStream(sink),
)
  .add(...words('a', 41))
  .add(...words('a', 42))
  .add(...words('a', 40))
  .add(...words('b', 100))
  .expect({
    ...{ word: 'a', windowStart: '1970-01-01T00:00:40.000Z', windowEnd: '1970-01-01T00:00:52.000Z' },
    ...{ mean: 41, median: 41, deviation: 1, variance: 1, summed: 123 },
    ...{ first: nested(40), last: nested(42) },
  })
  .add(...words('b', 101));

const ofOneKey = seconds
  .withWatermark((second) => second * 1000, { delay: '10 seconds' })
  .groupBy({})
  .window(session('5 seconds'))
  .aggregate({ count: count(), sum: sum((second) => second) })
  .map(({ windowStart, windowEnd, count: events, sum: total }) => ({
    ...{ start: secondOf(windowStart), end: secondOf(windowEnd), count: events, sum: total },
  }))
  .writeStream(sink);
const updatedWithoutKey = transcript(ofOneKey.outputMode('update'))
  .add(40)
  .expect({ start: 40, end: 45, count: 1, sum: 40 });
const withoutKey = transcript(ofOneKey).add(40, 44).add(60).expect({ start: 40, end: 49, count: 2, sum: 84 });

const complete = waitsFor('output mode complete');
const refusedThere = 'Spark refuses it for sessions';
const gapOfEvent = noCounterpart('a gap that depends on the event');

export const sparkSessionWindow: Suite = {
  name: 'Spark: StreamingSessionWindowSuite',
  source:
    'Apache Spark 4.2.0, `org.apache.spark.sql.streaming.StreamingSessionWindowSuite`, each test once for its four settings',
  variants,
  cases: {
    'complete mode - session window': complete,
    'complete mode - session window - nested tuple key': complete,
    'complete mode - session window - multiple col key': complete,
    'complete mode - session window - no key': complete,
    'append mode - session window': differs((variant) => {
      touching.run(variant);
      joined.run(variant);
    }, 'sessions that only touch are two: whether one comes before the other has closed would hang on the batches. Words that come a second later make one of them, as there'),
    'SPARK-36465: dynamic gap duration': gapOfEvent,
    'dynamic gap duration - nested tuple key': gapOfEvent,
    'dynamic gap duration - multiple col key': gapOfEvent,
    'append mode - session window - no key': differs(
      withoutKey,
      'Spark refuses sessions without a key; here all events are one group, which has sessions as any other',
    ),
    'update mode - session window': differs(updated, refusedThere),
    'update mode - session window - no key': differs(updatedWithoutKey, refusedThere),
    'session window - with more aggregation functions and UDAFs': passes(
      withMoreAggregates,
      'also the first and the last, which Spark leaves to chance and does not compare',
    ),
  },
};
