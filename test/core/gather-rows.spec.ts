/** GATHER-1, HANDED-1: what key groups hand on and what is gathered of it, where a former mode has given rows out before. */
import { expect, it } from 'vitest';
import { rowEvaluator } from '../../functions/core/evaluate-row.ts';
import { GatheredRows } from '../../functions/core/gather-rows.ts';
import { limitsOf } from '../../functions/core/record-limit.ts';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import type { TopRows } from '../../functions/pipeline/pipeline.ts';
import { batchBody } from '../support/builders.ts';
import { windowed } from '../support/pipelines.ts';

const windows = windowed();
const by = ((row: { readonly events: number }) => row.events) as TopRows['by'];
const top: TopRows = { n: 1, order: 'highest', by, filters: [] };
const pipeline = { ...windows, aggregation: { ...windows.aggregation, top } };
const body = batchBody({ ...{ batchId: 1, ref: 8 }, watermarkIn: 0, watermarkOut: 10, gives: { top } });
const saved = (count: number) => [count, [1, 1], 1, 1, [1, 1]];
const versionsIn = (state: {
  readonly outbox: readonly { readonly records: readonly { readonly data: unknown }[] }[];
}) =>
  state.outbox.flatMap(({ records }) =>
    records.map(({ data }) => {
      const { key, _sluice } = JSON.parse(String(data));
      return [key, _sluice.revision, _sluice.retracted];
    }),
  );

it('a row of the first takes the place of the version before, with a higher number; others are taken back', () => {
  const before: SavedWindows = [
    [['a'], [[0, 10, saved(2), [1, 1]]]],
    [['b'], [[0, 10, saved(3), [1, 1]]]],
    [['c'], [[0, 10, saved(1)]]],
  ];
  const state = reduceKeyGroup(pipeline, body, { keyGroup: 0, before, blocks: [] });
  expect(versionsIn(state)).toEqual([
    ['a', 1, true],
    ['b', 1, true],
  ]);
  expect(state.ranked).toEqual([{ keyValues: ['b'], by: 3, window: [0, 10, saved(3)], revision: 2 }]);
  const gathered = new GatheredRows(pipeline, body);
  gathered.take(state.ranked!);
  const { rows, setup, finish } = gathered.reduction();
  const sent = finish(rows.map(rowEvaluator(pipeline, setup)), limitsOf(pipeline.outputs));
  expect(versionsIn(sent)).toEqual([['b', 2, false]]);
});
