/** What sliding windows of a day by the minute cost, counted: the bar of what panes are there for. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { minuteMs, runByTheMinute } from '../../bench/day-by-the-minute.ts';
import { type AggregateFunction, aggregateFunction } from '../../functions/aggregates/aggregate-function.ts';
import { count, json, kinesis, pipeline, sliding } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Pipeline } from '../../functions/pipeline/pipeline.ts';

const ofADay = requirePipeline(
  pipeline('cost')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.number(), key: z.string() })))
    .withWatermark((event) => event.at, { delay: '0 seconds', maxFutureTime: '10000 days' })
    .groupBy({ key: (event) => event.key })
    .window(sliding('24 hours', '1 minute'))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: 'out' })),
) as Pipeline & { readonly aggregation: Aggregation };

it('each event is added once, a row takes 60 combines at most, and the state has 1.2 entries for a pane and key at most', () => {
  let [adds, merges, mostEntries] = [0, 0, 0];
  const counting = aggregateFunction<undefined, number, number, number>({
    kind: 'counting',
    version: 1,
    empty: () => 0,
    add: (sum) => {
      adds += 1;
      return sum + 1;
    },
    merge: (sum, saved) => {
      merges += 1;
      return sum + saved;
    },
    save: (sum) => sum,
    result: (sum) => sum,
  }) as AggregateFunction;
  const aggregates = ofADay.aggregation.aggregates.map((each) => ({ ...each, fn: counting }));
  const given = { ...ofADay, aggregation: { ...ofADay.aggregation, aggregates } };

  const { rows, events } = runByTheMinute(given, { minutesABatch: 60 }, (state) => {
    const saved = state.flatMap(([, windows]) => windows);
    const panes = saved.filter(([start, end]) => end - start === minuteMs);
    mostEntries = Math.max(mostEntries, saved.length / Math.max(panes.length, 1));
  });
  expect(adds).toBe(events);
  // Each of 50 keys from its first event's first window to its last event's last one.
  expect(rows).toBeGreaterThan(200_000);
  // Those that the panes themselves take are among them.
  expect(merges / rows).toBeLessThanOrEqual(60);
  expect(mostEntries).toBeLessThanOrEqual(1.2);
  expect(mostEntries).toBeGreaterThan(1);
});
