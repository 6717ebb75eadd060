/**
 * Spark's tests of `session_window`. It splits lines into words, of which each has sessions of its own; here an event is a word.
 * Where a batch of Spark moves the watermark, the next one closes sessions; here the same one does.
 */
import * as z from 'zod';
import {
  aggregate,
  avg,
  count,
  type Duration,
  type ExpectedRow,
  first,
  json,
  kinesis,
  last,
  percentile,
  pipeline,
  session,
  stddev,
  sum,
  type Transcript,
  transcript,
  variance,
} from '../../functions/index.ts';
import { seconds, sink } from './seconds.ts';
import { differs, noCounterpart, passes, type Suite, type Variant, variants } from './suite.ts';

const secondOf = (iso: string): number => Date.parse(iso) / 1000;

const word = z.object({ word: z.string(), second: z.number() });
type Word = z.infer<typeof word>;
const timedBehind = (delay: Duration) =>
  pipeline('words')
    .readStream(kinesis({ streamName: 'source' }))
    .decode(json(word))
    .withWatermark(({ second }) => second * 1000, { delay });
const ofWords = (delay: Duration) =>
  timedBehind(delay)
    .groupBy({ word: (each) => each.word })
    .window(session('10 seconds'));
const sessions = ofWords('30 seconds');

const words = (line: string, second: number) => line.split(' ').map((each) => ({ word: each, second }));
const ofWord = (of: string, start: number, end: number, events: number) => ({ word: of, start, end, events });

const writtenOf = (grouped: typeof sessions) =>
  grouped
    .aggregate({ events: count() })
    .map(({ word: of, windowStart, windowEnd, events }) =>
      ofWord(of, secondOf(windowStart), secondOf(windowEnd), events),
    )
    .writeStream(sink);
const written = writtenOf(sessions);
const allSessions = transcript(writtenOf(ofWords('10000 days')).outputMode('complete'));
/** By two columns. */
const ofTwoKeys = (...[of, start, end, events]: Parameters<typeof ofWord>) => ({
  ...{ pair: `${of} ${of}`, ...ofWord(of, start, end, events) },
});
const allSessionsOfTwoKeys = transcript(
  timedBehind('10000 days')
    .groupBy({ pair: (each) => `${each.word} ${each.word}`, word: (each) => each.word })
    .window(session('10 seconds'))
    .aggregate({ events: count() })
    .map(({ pair, word: of, windowStart, windowEnd, events }) => ({
      ...{ pair, ...ofWord(of, secondOf(windowStart), secondOf(windowEnd), events) },
    }))
    .writeStream(sink)
    .outputMode('complete'),
);
const counted = transcript(written);
const isGone = (of: string, start: number, end: number) => ({
  ...{ word: of, _sluice: { window: [start * 1000, end * 1000] as const, retracted: true } },
});
/** A session that grows is another window: the former one is taken back. */
const updated = transcript(written.outputMode('update'))
  .add(...words('hello', 40))
  .expect(ofWord('hello', 40, 50, 1))
  .add(...words('hello', 45))
  .expect(ofWord('hello', 40, 55, 2), isGone('hello', 40, 50));

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

/** Spark keeps all in complete mode, whatever the watermark; so here it is too far behind to close any. */
const inCompleteMode = <Row extends object>(
  given: Transcript<Word, Row>,
  of: (...row: Parameters<typeof ofWord>) => ExpectedRow<Row>,
) => {
  const [hello, world, structured] = [of('hello', 40, 51, 2), of('world', 40, 51, 2), of('structured', 41, 51, 1)];
  const apart = [of('streaming', 40, 51, 2), of('spark', 40, 50, 1)];
  const earlier = given
    .add(...words('hello world spark streaming', 40), ...words('world hello structured streaming', 41))
    .expect(hello, world, structured, ...apart)
    .add(...words('spark streaming', 25))
    .expect(of('spark', 25, 35, 1), of('streaming', 25, 35, 1), hello, world, structured, ...apart);
  const later = (
    joining: typeof given,
    of30: readonly ExpectedRow<Row>[],
    gone: readonly ReturnType<typeof isGone>[],
  ) => {
    const of60 = [of('hello', 60, 70, 1), of('apache', 60, 70, 1), of('spark', 60, 70, 1)];
    const all = [...of30, hello, world, structured];
    return joining
      .expect(...all, ...(gone as unknown as readonly ExpectedRow<Row>[]))
      .add(...words('hello apache spark', 60))
      .expect(...all, ...of60)
      .add(...words('structured streaming', 90))
      .expect(...all, ...of60, of('structured', 90, 100, 1), of('streaming', 90, 100, 1));
  };
  return (variant: Variant) => {
    const touching = [of('spark', 25, 40, 2), of('streaming', 25, 40, 2), ...apart];
    const grown = [isGone('spark', 25, 35), isGone('streaming', 25, 35)];
    later(earlier.add(...words('spark streaming', 30)), touching, grown).run(variant);
    const joined = [of('spark', 25, 50, 3), of('streaming', 25, 51, 4)];
    const whole = [...grown, isGone('spark', 40, 50), isGone('streaming', 40, 51)];
    later(earlier.add(...words('spark streaming', 31)), joined, whole).run(variant);
  };
};

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

const touch =
  'sessions that only touch are two: whether one comes before the other has closed would hang on the batches. Words that come a second later make one of them, as there';
const refusedThere = 'Spark refuses it for sessions';
const gapOfEvent = noCounterpart('a gap that depends on the event');

export const sparkSessionWindow: Suite = {
  name: 'Spark: StreamingSessionWindowSuite',
  source:
    'Apache Spark 4.2.0, `org.apache.spark.sql.streaming.StreamingSessionWindowSuite`, each test once for its four settings',
  variants,
  cases: {
    'complete mode - session window': differs(inCompleteMode(allSessions, ofWord), touch),
    'complete mode - session window - nested tuple key': noCounterpart('a key is a value without structure'),
    'complete mode - session window - multiple col key': differs(
      inCompleteMode(allSessionsOfTwoKeys, ofTwoKeys),
      touch,
    ),
    'complete mode - session window - no key': differs(
      transcript(ofOneKey.outputMode('complete')).add(40).expect({ start: 40, end: 45, count: 1, sum: 40 }),
      refusedThere,
    ),
    'append mode - session window': differs((variant) => {
      touching.run(variant);
      joined.run(variant);
    }, touch),
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
