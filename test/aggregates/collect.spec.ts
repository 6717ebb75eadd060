/** `collect`: which values are kept, in which order, and what is said of the others (COLLECT-1). */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { AggregateFunction } from '../../functions/aggregates/aggregate-function.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import {
  type CollectOptions,
  collect,
  console as consoleSink,
  count,
  json,
  kinesis,
  pipeline,
  runPipeline,
  tumbling,
} from '../../functions/index.ts';
import type { Problem } from '../../functions/pipeline/problems.ts';
import { fold } from './merged-anyhow.ts';

const definitionOf = (options?: CollectOptions) =>
  pipeline('lists')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.number(), value: z.string().nullable() })))
    .withWatermark(({ at }) => at, { delay: '1 minute' })
    .groupBy({})
    .window(tumbling('1 minute'))
    .aggregate({ events: count(), list: collect(({ value }) => value, options) })
    .writeStream(consoleSink());
const events = ['c', null, 'a', 'e', 'b', 'd'].map((value) => ({ at: value?.charCodeAt(0) ?? 0, value }));
const run = (options?: CollectOptions, eventsPerBatch = 100) =>
  runPipeline(definitionOf(options), { events, eventsPerBatch });

describe('collect', () => {
  it.each([1, 2, 100])('gives the values in the order of their events, in batches of %i', (size) => {
    expect(run(undefined, size).results).toMatchObject([{ list: { values: ['a', 'b', 'c', 'd', 'e'], truncated: 0 } }]);
  });

  it.each([1, 2, 100])('keeps the earliest up to its limit, and counts the rest, in batches of %i', (size) => {
    expect(run({ limit: 2 }, size).results).toMatchObject([{ list: { values: ['a', 'b'], truncated: 3 } }]);
    expect(run({ limit: 5 }, size).results).toMatchObject([{ list: { truncated: 0 } }]);
  });

  it.each([1, 100])('makes a dead letter of a row with more, if asked, in batches of %i', (size) => {
    const { results, deadLetters } = run({ limit: 4, beyond: 'refuse' }, size);
    expect(results).toEqual([]);
    expect(deadLetters).toEqual([
      {
        event: expect.objectContaining({ events: 6, list: null }),
        reason: 'invalid-result',
        message: 'aggregate list: 5 values are more than 4, which is its limit',
      },
    ]);
    expect(run({ limit: 5, beyond: 'refuse' }, size).results).toHaveLength(1);
  });

  it('of nothing is an empty list', () => {
    const { results } = runPipeline(definitionOf(), { events: [{ at: 1, value: null }] });
    expect(results).toMatchObject([{ list: { values: [], truncated: 0 } }]);
  });

  it('never holds more than twice its limit, and saves no more than that (AGGREGATE-5)', () => {
    const fn = functionOf({ limit: 3 });
    const ranks = Array.from({ length: 50 }, (_, at) => (at * 7) % 50);
    const held = fold(fn, ranks.map(valueAt)) as { readonly values: readonly unknown[] };
    expect(held.values.length).toBeLessThan(6);
    expect(fn.save(held)).toHaveLength(4);
  });

  it('is saved as [number of all, [time, sequence number, place, shard, JSON], …], for ever', () => {
    const fn = functionOf({ limit: 2 });
    expect(fn.save(fold(fn, [5, 3, 4].map(valueAt)))).toEqual([3, [3, '7', 0, 's', '"3"'], [4, '7', 0, 's', '"4"']]);
    expect(fn.save(fn.empty())).toEqual([0]);
    expect(fn.fingerprint).toEqual(['collect', 2]);
  });
});

const valueAt = (time: number) => ({ value: `"${time}"`, rank: { time, sequence: '7', sub: 0, shard: 's' } });

function functionOf(options?: unknown, problems: Problem[] = []): AggregateFunction {
  const kind = aggregateKinds.of({ kind: 'collect' })!;
  return kind.read('aggregate.list', { selector: () => 1, options }, problems)!.fn;
}

it.each<[unknown, string]>([
  [{ limit: 0 }, 'aggregate.list.limit: 0 is not allowed; use a whole number from 1 to 1000'],
  [{ limit: 1_001 }, 'aggregate.list.limit: 1001 is not allowed; use a whole number from 1 to 1000'],
  [{ beyond: 'drop' }, "aggregate.list.beyond: 'drop' is not allowed; use 'truncate' or 'refuse'"],
])('what is wrong with its options is told: %o', (options, message) => {
  const problems: Problem[] = [];
  functionOf(options, problems);
  expect(problems.map((problem) => problem.message)).toEqual([message]);
});
