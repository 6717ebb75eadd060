/** What a refused pipeline is told: what has changed, by its name, with both values. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { avg, count, json, kinesis, pipeline, sum, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { fingerprintMessage, goesOn } from '../../functions/pipeline/fingerprint-change.ts';

const events = pipeline('p')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ key: z.string(), at: z.number(), value: z.number() })));
const fingerprintOf = (size: '1 minute' | '2 minutes', keys: readonly string[], aggregates: object): string =>
  requirePipeline(
    events
      .withWatermark((event) => event.at, { delay: '0 seconds' })
      .groupBy(Object.fromEntries(keys.map((key) => [key, (event: { key: string }) => event.key])) as never)
      .window(tumbling(size))
      .aggregate(aggregates as { n: ReturnType<typeof count> })
      .writeStream(kinesis({ streamName: 'out' })) as never,
  ).fingerprint;
const value = (event: { value: number }) => event.value;
const saved = fingerprintOf('1 minute', ['key'], { n: count(), total: sum(value as never) });
const rest = 'Deploy the former definition again, or start under another pipeline name.';

it.each([
  [
    '1 minute',
    ['key'],
    { n: count(), total: sum(value as never), mean: avg(value as never) },
    "aggregate 'mean' is new, and can start empty with the pipeline's option newAggregates: 'start-empty'",
  ],
  ['1 minute', ['key'], { n: count(), total: avg(value as never) }, `aggregate 'total': ["sum"] is now ["avg"]`],
  [
    '2 minutes',
    ['key'],
    { n: count(), total: sum(value as never) },
    'window: ["tumbling",60000,0] is now ["tumbling",120000,0]',
  ],
  ['1 minute', ['key', 'other'], { n: count(), total: sum(value as never) }, 'groupBy: ["key"] is now ["key","other"]'],
  [
    '2 minutes',
    ['other'],
    { n: count() },
    `groupBy: ["key"] is now ["other"]; window: ["tumbling",60000,0] is now ["tumbling",120000,0]`,
  ],
] as const)('windows of %s by %j: %#', (size, keys, aggregates, changes) => {
  const message = fingerprintMessage(saved, fingerprintOf(size, keys, aggregates));
  expect(message).toBe(`the saved state is of another pipeline: ${changes}. ${rest}`);
});

it.each([
  ['an aggregate that is gone', { n: count() }, 'refuse', true],
  ['another order', { total: sum(value as never), n: count() }, 'refuse', true],
  ['a new aggregate', { n: count(), total: sum(value as never), mean: avg(value as never) }, 'refuse', false],
  [
    'one that may start empty',
    { n: count(), total: sum(value as never), mean: avg(value as never) },
    'start-empty',
    true,
  ],
  ['another aggregate of one name', { n: count(), total: avg(value as never) }, 'start-empty', false],
] as const)('%s', (_, aggregates, newAggregates, isFine) => {
  expect(goesOn(saved, fingerprintOf('1 minute', ['key'], aggregates), newAggregates)).toBe(isFine);
});

it('another lateness goes on', () => {
  const [short, long] = [5, 20].map((ms) => saved.replace('"aggregates"', `"allowedLateness":${ms},"aggregates"`));
  expect([goesOn(long!, short!, 'refuse'), goesOn(short!, long!, 'refuse')]).toEqual([true, true]);
  expect(goesOn(short!, saved, 'refuse')).toBe(true);
});

it('a pipeline that grouped nothing, or no longer does', () => {
  const without = requirePipeline(events.writeStream(kinesis({ streamName: 'out' }))).fingerprint;
  expect(fingerprintMessage(without, saved)).toContain('it had no groupBy, and has one now');
  expect(fingerprintMessage(saved, without)).toContain('it had a groupBy, and has none now');
});

it('what another version of the code has written is shown as it is', () => {
  expect(fingerprintMessage('f', saved)).toContain(`f is now ${saved}`);
  expect(fingerprintMessage(saved.replace('"v":1', '"v":9'), saved)).toContain('"v":9');
});
