/**
 * Spark's tests of what it tells of a batch's event times, and of what it takes as a time. The first are of a class of Spark: here
 * aggregates over a window that merge what several batches, shards and cuts bring.
 */
import { expect } from 'vitest';
import * as z from 'zod';
import { avg, checkPipeline, count, json, kinesis, max, min, pipeline, transcript } from '../../functions/index.ts';
import { ofAllTime, seconds, sink } from './seconds.ts';
import { type Case, differs, passes, passesInPart } from './suite.ts';

/** `at` is compared, and `value` averaged: Spark's test makes up numbers that no times have. */
const measured = pipeline('measured')
  .readStream(kinesis({ streamName: 'source' }))
  .decode(json(z.object({ at: z.number(), value: z.number() })));
const stats = transcript(
  measured
    .withWatermark(() => 0, { delay: '0 seconds' })
    .groupBy({})
    .window(ofAllTime)
    .aggregate({ max: max(({ at }) => at), min: min(({ at }) => at), avg: avg(({ value }) => value), count: count() })
    .writeStream(sink),
);
const times = (...all: readonly number[]) => all.map((at) => ({ at, value: at }));
const averaging = (value: number, ...all: readonly number[]) => all.map((at) => ({ at, value }));

const merged = stats
  .add(...averaging(20, 100, 10, 50, 50, 50))
  .add(...times(80))
  .cut()
  .add(...averaging(15, 80, 5, 5, 5))
  .close()
  .expect({ max: 100, min: 5, avg: 24, count: 10 });
const beforeMerge = stats
  .add(...averaging(20, 100, 10, 50, 50, 50))
  .add(...times(80))
  .close()
  .expect({ max: 100, min: 10, avg: 30, count: 6 });

const large = 10_000_000_000;
const ofLarge = stats
  .add(...times(large, large, large))
  .cut()
  .add(...averaging(large + 1, large + 1, large, large))
  .close()
  .expect({ max: large + 1, min: large, avg: large + 0.5, count: 6 });

const three = { max: 10, min: 1, avg: 5, count: 3 };
const withEmpty = { first: [], second: times(1, 4, 10) };

const ofAggregates = 'the numbers are those of aggregates over a window; reports have no such statistics';

const decides = (selector: (event: { readonly at: number; readonly value: number }) => unknown) =>
  transcript(measured.withWatermark(selector as () => number, { delay: '1 minute' }).writeStream(sink));
const deadAsTime = (selector: Parameters<typeof decides>[0]) =>
  decides(selector)
    .add({ at: 1, value: 2 })
    .expectDead({ event: { at: 1, value: 2 }, reason: 'invalid-event-time' });
const onlyAtRunTime = 'the compiler refuses it. Where it is not asked, each event is a dead letter';

const nested = transcript(
  pipeline('nested')
    .readStream(kinesis({ streamName: 'source' }))
    .decode(json(z.object({ id: z.number(), nested: z.object({ timestamp: z.string() }) })))
    .withWatermark((event) => event.nested.timestamp, { delay: '0 seconds' })
    .writeStream(sink),
)
  .add({ id: 1, nested: { timestamp: '2024-01-01T10:00:00Z' } })
  .expect({ id: 1 })
  .expectWatermark('2024-01-01T10:00:00Z');

const withDelay = (delay: string) =>
  checkPipeline(seconds.withWatermark((second) => second * 1000, { delay: delay as '1 day' }).writeStream(sink));
export const refusesDelays = (...delays: readonly string[]): void => {
  for (const delay of delays)
    expect(withDelay(delay)).toMatchObject({ kind: 'invalid', problems: [{ option: 'withWatermark.delay' }] });
};
const takesDelays = (delays: Readonly<Record<string, number>>): void => {
  for (const [delay, delayMs] of Object.entries(delays)) {
    const operations = [{ kind: 'watermark', eventTime: { delayMs } }];
    expect(withDelay(delay)).toMatchObject({ kind: 'valid', pipeline: { operations } });
  }
};
const hourMs = 3_600_000;

export const sparkEventTimeStats: Readonly<Record<string, Case>> = {
  EventTimeStats: passesInPart((variant) => {
    beforeMerge.run(variant);
    merged.run(variant);
  }, ofAggregates),
  'EventTimeStats: avg on large values': passesInPart(
    ofLarge,
    `${ofAggregates}; of six values, not of twenty thousand million`,
  ),
  'EventTimeStats: zero merge zero': passesInPart(stats.add().cut().add().close(), ofAggregates),
  'EventTimeStats: non-zero merge zero': passesInPart(
    stats
      .add(...times(1, 4, 10))
      .cut()
      .add()
      .close()
      .expect(three),
    ofAggregates,
  ),
  'EventTimeStats: zero merge non-zero': passesInPart((variant) => {
    stats
      .add()
      .cut()
      .add(...times(1, 4, 10))
      .close()
      .expect(three)
      .run(variant);
    stats.addToShards(withEmpty).close().expect(three).run(variant);
  }, ofAggregates),
  'error on bad column': differs(
    deadAsTime((event) => (event as unknown as { readonly badColumn: number }).badColumn),
    onlyAtRunTime,
  ),
  'error on wrong type': differs(
    deadAsTime(({ value }) => value > 0),
    onlyAtRunTime,
  ),
  'error on nested column': differs(nested, 'a callback finds the time wherever it lies'),
};

export const sparkDelays: Readonly<Record<string, Case>> = {
  'delay in months and years handled correctly': differs(
    () => refusesDelays('2 years 5 months'),
    'months are refused: none is as long as the next',
  ),
  'delay threshold should not be negative.': passes(() =>
    refusesDelays('-1 year', '1 year -13 months', '1 month -40 days', '-10 seconds'),
  ),
  'SPARK-35815: Support ANSI intervals for delay threshold': differs(() => {
    takesDelays({ '3 days': 72 * hourMs, '5 hours': 5 * hourMs, '8 minutes': 480_000, '10 seconds': 10_000 });
    refusesDelays('1 foo', 'interva 2 day', "intrval '3' day", 'interval 4 foo', "interval '5' foo");
    refusesDelays("interval '1 2:3:4' day to hour", "interval '1 2' year to month");
    refusesDelays("interval '3' day", '1 day 2 hours 3 minutes 4 seconds', '1 years', '1 months');
  }, 'a duration is one number and one unit up to days, and is written in one way; the others are refused by name'),
};
