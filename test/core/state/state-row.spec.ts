/** ROW-1, ROW-2, WINDOWKEYS-1: windows of a state as rows. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { SavedKey } from '../../../functions/core/saved-windows.ts';
import { comparePlaces, rowsOfKey, shapeOf } from '../../../functions/core/state/state-row.ts';
import { WindowTally } from '../../../functions/core/state/window-tally.ts';
import {
  aggregate,
  collect,
  count,
  json,
  kinesis,
  type PipelineDefinition,
  perMicroBatch,
  pipeline,
  sliding,
  tumbling,
} from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';

const Order = z.object({ id: z.string(), country: z.string(), at: z.string() });
type Order = z.infer<typeof Order>;
const to = kinesis({ streamName: 'out' });
const events = pipeline('orders')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(Order));
const timed = events.withWatermark((order) => order.at, { delay: '1 minute' });
const byCountry = { country: (order: Order) => order.country };
const largest = aggregate({
  name: 'largest',
  version: 1,
  empty: () => 0,
  add: (most) => most + 1,
  merge: (one, other) => Math.max(one, other),
  result: () => {
    throw new Error('it is run');
  },
});

function rowsOf(definition: PipelineDefinition, key: SavedKey, knows: 'definition' | 'name' = 'definition') {
  const { fingerprint, aggregation } = requirePipeline(definition);
  const of = { shape: shapeOf(fingerprint)!, group: 3, aggregation: knows === 'definition' ? aggregation : undefined };
  return [...rowsOfKey([0, key], of)];
}

const hourly = timed.groupBy(byCountry).window(tumbling('1 hour')).aggregate({ orders: count() }).writeStream(to);

describe('a window of a key', () => {
  const bounds = { start: '1970-01-01T00:00:00.000Z', end: '1970-01-01T01:00:00.000Z' };
  const place = { kind: 'window', group: 3, key: { country: 'DE' }, ...bounds };

  it('has what its aggregates would give now, and what was given out', () => {
    const key: SavedKey = [['DE'], [[0, 3_600_000, [7], [2, 1]]]];
    expect(rowsOf(hourly, key)).toEqual([
      {
        at: [0, '["DE"]', 0, 3_600_000, 0],
        row: { ...place, values: { orders: 7 }, given: { versions: 2, rows: 1 } },
      },
    ]);
  });

  it('has no values where nobody knows the aggregates, or all was given out', () => {
    expect(rowsOf(hourly, [['DE'], [[0, 3_600_000, [7]]]], 'name').map(({ row }) => row)).toEqual([place]);
    expect(rowsOf(hourly, [['DE'], [[0, 3_600_000, []]]]).map(({ row }) => row)).toEqual([place]);
  });

  it('has what is saved of an aggregate of its own, whose code does not run (ROW-1), and null of one that fails', () => {
    const own = timed
      .groupBy(byCountry)
      .window(tumbling('1 hour'))
      .aggregate({ largest, ids: collect((order) => order.id, { limit: 1, beyond: 'refuse' }), orders: count() })
      .writeStream(to);
    const saved = [5, [2, [1, '1', 0, 's', '"a"']], 2];
    expect(rowsOf(own, [['DE'], [[0, 3_600_000, saved]]])[0]!.row).toEqual({
      ...place,
      values: { largest: null, ids: null, orders: 2 },
      saved: { largest: 5 },
    });
  });
});

it('windows per micro-batch are told by their numbers', () => {
  const each = events.groupBy(byCountry).window(perMicroBatch()).aggregate({ orders: count() }).writeStream(to);
  expect(rowsOf(each, [[null], [[4, 5, [1]]]])[0]!.row).toMatchObject({ key: { country: null }, start: 4, end: 5 });
});

it('of windows that overlap there are panes, and behind them what windows have given out', () => {
  const lately = timed.groupBy(byCountry).window(sliding('1 hour', '30 minutes')).aggregate({ orders: count() });
  const key: SavedKey = [['DE'], [[0, 1_800_000, [1]]], [[1_800_000, 3_600_000, [1, 1]]]];
  expect(rowsOf(lately.writeStream(to), key).map(({ row }) => [row.kind, row.end, row.given?.versions])).toEqual([
    ['pane', '1970-01-01T00:30:00.000Z', undefined],
    ['given', '1970-01-01T01:00:00.000Z', 1],
  ]);
});

it('an event that has passed is told by its own keys, without values and without the mark between', () => {
  const once = timed
    .dropDuplicates({ ...byCountry, id: (order) => order.id }, { within: '1 hour' })
    .groupBy(byCountry)
    .window(tumbling('1 hour'))
    .aggregate({ orders: count() })
    .writeStream(to);
  const { row } = rowsOf(once, [['DE', 0, 'order-17'], [[0, 3_600_000, [1]]]])[0]!;
  expect(row).toMatchObject({ kind: 'seen', key: { country: 'DE', id: 'order-17' } });
  expect(row.values).toBeUndefined();
  expect(rowsOf(once, [['DE'], [[0, 3_600_000, [2]]]])[0]!.row).toMatchObject({
    kind: 'window',
    values: { orders: 2 },
  });
});

it('a pipeline without groupBy has no shape', () => {
  expect(shapeOf(requirePipeline(events.writeStream(to)).fingerprint)).toBeUndefined();
});

it('rows are in the order of slice, key, start and end, and what was given out behind its windows (ROW-2)', () => {
  const places = [
    [1, 'b', 0, 9, 0],
    [2, 'a', 0, 5, 0],
    [2, 'a', 0, 6, 0],
    [2, 'a', 1, 2, 0],
    [2, 'a', 0, 1, 1],
    [2, 'b', 0, 1, 0],
  ] as const;
  expect(places.toReversed().toSorted(comparePlaces)).toEqual(places);
});

describe('how many keys each window has', () => {
  const add = (tally: WindowTally, ...ends: readonly number[]) => {
    for (const [at, end] of ends.entries())
      for (const row of rowsOf(hourly, [[`${at}`], [at === 0 ? [end - 1, end, [1], [1, 1]] : [end - 1, end, [1]]]]))
        tally.add(row);
  };

  it('is counted by end', () => {
    const tally = new WindowTally();
    add(tally, 20, 10, 20);
    expect(tally.windows.map(({ keys, given }) => [keys, given])).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(tally.left).toBe(0);
  });

  it('is counted of so many windows, and as a whole of others (WINDOWKEYS-1)', () => {
    const tally = new WindowTally(2);
    add(tally, 20, 10, 30, 20, 40);
    expect({ windows: tally.windows.map(({ keys }) => keys), left: tally.left }).toEqual({ windows: [1, 2], left: 2 });
  });
});
