/** FIRST-1, FIRST-2: which rows of a window come first. */
import { expect, it } from 'vitest';
import { FirstRows, type RowPlace } from '../../functions/core/top-rows.ts';

const place = (canonical: string, by: number | null, start = 0): RowPlace => ({
  start,
  end: start + 10,
  canonical,
  by,
});
const highest = { n: 2, order: 'highest' } as const;

function firstOf(rule: ConstructorParameters<typeof FirstRows>[0], rows: readonly RowPlace[]): string[][] {
  const first = new FirstRows(rule);
  for (const row of rows) first.take(row);
  return first.byWindow().map((all) => all.map(({ canonical }) => canonical));
}

it('those with the highest or the lowest number do, in each window; windows are by time', () => {
  const rows = [place('a', 1), place('b', 3), place('c', 2), place('d', 7, -10), place('e', -0, 10), place('f', 0, 10)];
  expect(firstOf(highest, rows)).toEqual([['d'], ['b', 'c'], ['e', 'f']]);
  expect(firstOf({ n: 2, order: 'lowest' }, rows)).toEqual([['d'], ['a', 'c'], ['e', 'f']]);
});

it('of equal ones those with the lower canonical key do, in both orders', () => {
  const rows = [place('["b"]', 1), place('["c"]', 1), place('["a"]', 1)];
  for (const order of ['highest', 'lowest'] as const)
    expect(firstOf({ n: 2, order }, rows)).toEqual([['["a"]', '["b"]']]);
});

it('one without a number comes behind all others, in both orders', () => {
  const rows = [place('a', null), place('b', -5), place('c', null)];
  for (const order of ['highest', 'lowest'] as const) expect(firstOf({ n: 2, order }, rows)).toEqual([['b', 'a']]);
});

it('which ones are behind so many that they are no longer of interest', () => {
  const first = new FirstRows(highest);
  for (const row of [place('b', 5), place('c', 4)]) first.take(row);
  const isBehind = [place('d', 4), place('a', 4), place('d', 6), place('d', null), place('d', 1, 10)].map((row) =>
    first.isBehind(row),
  );
  expect(isBehind).toEqual([true, false, false, true, false]);
});
