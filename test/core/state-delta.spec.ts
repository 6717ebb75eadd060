/** DELTA-1, DELTA-2: what was before, with a delta, is what is after. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalKey } from '../../functions/core/key-group.ts';
import type { SavedKey, SavedWindow, SavedWindows } from '../../functions/core/saved-windows.ts';
import { applyDelta, type KeyDelta, type StateDelta } from '../../functions/core/state-delta.ts';

const window = (start: number, end: number, count: number): SavedWindow => [start, end, [count]];

/** A state by `key start end`, each with a number. */
const content = fc.dictionary(
  fc
    .tuple(fc.constantFrom('a', 'b', 'c', '10', '9'), fc.nat(3), fc.nat(2))
    .map(([key, start, more]) => `${key} ${start} ${start + 1 + more}`),
  fc.nat(2),
  { maxKeys: 12 },
);
type Content = Readonly<Record<string, number>>;

const byKey = (given: Content): Map<string, SavedWindow[]> => {
  const names = Object.keys(given).map((name) => name.split(' ') as [string, string, string]);
  names.sort((one, other) => Number(one[1]) - Number(other[1]) || Number(one[2]) - Number(other[2]));
  const keys = new Map<string, SavedWindow[]>();
  for (const [key, start, end] of names)
    keys.set(key, [...(keys.get(key) ?? []), window(Number(start), Number(end), given[`${key} ${start} ${end}`]!)]);
  return new Map([...keys].sort(([one], [other]) => (one < other ? -1 : 1)));
};
const stateOf = (given: Content): SavedWindows =>
  Array.from(byKey(given), ([key, windows]): SavedKey => [[key], windows]);

function difference(before: Content, after: Content): StateDelta {
  const [old, now] = [byKey(before), byKey(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort((one, other) => (one < other ? -1 : 1));
  return keys.flatMap((key): KeyDelta[] => {
    const nameOf = ([start, end]: SavedWindow) => `${key} ${start} ${end}`;
    const upserts = (now.get(key) ?? []).filter((one) => before[nameOf(one)] !== one[2][0]);
    const removals = (old.get(key) ?? [])
      .filter((one) => !(nameOf(one) in after))
      .map(([start, end]) => [start, end] as const);
    if (upserts.length + removals.length === 0) return [];
    return [{ canonical: canonicalKey([key]), keyValues: [key], upserts, removals }];
  });
}

it('gives every state from every other, whatever lies between them (DELTA-1, DELTA-2)', () => {
  fc.assert(
    fc.property(content, content, (before, after) => {
      expect(applyDelta(stateOf(before), difference(before, after))).toEqual(stateOf(after));
    }),
    { numRuns: 2_000 },
  );
});

it('takes over what it does not name: the very same (DELTA-1)', () => {
  const before: SavedWindows = [
    [['a'], [window(0, 10, 1)]],
    [['b'], [window(0, 10, 2), window(0, 20, 3), window(10, 20, 4)]],
    [['c'], [window(0, 10, 5)]],
  ];
  const delta = [{ canonical: '["b"]', keyValues: ['b'], upserts: [window(0, 20, 9)], removals: [[10, 20]] }] as const;
  const after = applyDelta(before, delta);
  expect(after).toEqual([before[0], [['b'], [window(0, 10, 2), window(0, 20, 9)]], before[2]]);
  for (const [at, key] of [0, 2].entries()) expect(after[key], String(at)).toBe(before[key]);
  expect(after[1]![1][0]).toBe(before[1]![1][0]);
});
