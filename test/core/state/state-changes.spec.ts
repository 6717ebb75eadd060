/** DIFF-1: what is another between two states. */
import { expect, it } from 'vitest';
import { changesBetween } from '../../../functions/core/state/state-changes.ts';
import type { PlacedRow, StateRow } from '../../../functions/core/state/state-row.ts';

const row = (slice: number, country: string, orders: number, more: Partial<StateRow> = {}): PlacedRow => ({
  at: [slice, JSON.stringify([country]), 0, slice, 0],
  row: { kind: 'window', group: 0, key: { country }, start: 0, end: slice, values: { orders }, ...more },
});

async function told(before: readonly PlacedRow[], after: readonly PlacedRow[]) {
  const changes = await Array.fromAsync(changesBetween(before, after));
  return changes.map(({ change, end, key, before: was, after: is }) => [
    `${change} ${end} ${String(key.country)}`,
    was?.values?.orders,
    is?.values?.orders,
  ]);
}

it('is what was added, changed and removed, in the order of rows, with before and after', async () => {
  const before = [row(10, 'b', 1), row(20, 'a', 2), row(20, 'c', 3), row(30, 'a', 4)];
  const after = [row(20, 'a', 2), row(20, 'b', 5), row(20, 'c', 6), row(40, 'a', 7)];
  expect(await told(before, after)).toEqual([
    ['removed 10 b', 1, undefined],
    ['added 20 b', undefined, 5],
    ['changed 20 c', 3, 6],
    ['removed 30 a', 4, undefined],
    ['added 40 a', undefined, 7],
  ]);
});

it('is everything of a state where there was none, or is none any more', async () => {
  expect(await told([], [row(10, 'a', 1)])).toEqual([['added 10 a', undefined, 1]]);
  expect(await told([row(10, 'a', 1)], [])).toEqual([['removed 10 a', 1, undefined]]);
  expect(await told([], [])).toEqual([]);
});

it('has what is given out once more, and what is saved otherwise', async () => {
  const given = (versions: number) => row(10, 'a', 1, { given: { versions, rows: 1 } });
  const [change] = await Array.fromAsync(changesBetween([given(1)], [given(2)]));
  expect(change).toMatchObject({ before: { given: { versions: 1 } }, after: { given: { versions: 2 } } });
  const saved = (most: number) => row(10, 'a', 1, { saved: { most } });
  expect(await Array.fromAsync(changesBetween([saved(1)], [saved(2)]))).toMatchObject([{ change: 'changed' }]);
  expect(await Array.fromAsync(changesBetween([saved(1)], [saved(1)]))).toEqual([]);
});
