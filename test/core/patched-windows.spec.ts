/** Lists of windows that are long (short ones are in state-delta.spec.ts). */
import { expect, it } from 'vitest';
import { patchedWindows } from '../../functions/core/patched-windows.ts';
import type { SavedWindow } from '../../functions/core/saved-windows.ts';

it('of ten thousand a dozen are looked at for each that changes', () => {
  let looks = 0;
  const watched = (start: number): SavedWindow =>
    Object.defineProperty([start, start + 1, [1]], 0, {
      get: () => {
        looks += 1;
        return start;
      },
    }) as unknown as SavedWindow;
  const before = Array.from({ length: 10_000 }, (_, at) => watched(at));
  const changed: SavedWindow = [7_000, 7_001, [2]];
  const after = patchedWindows(before, [changed, [10_000, 10_001, [1]]], [[0, 1]]);
  expect(looks).toBeLessThan(3 * 2 * 14);
  expect(after).toHaveLength(10_000);
  expect([after[0], after[6_998], after[6_999], after[7_000]]).toEqual([
    before[1],
    before[6_999],
    changed,
    before[7_001],
  ]);
  expect(patchedWindows(before, [], [])).toBe(before);
});

it('as many may change as there are', () => {
  const windows = (count: number): SavedWindow[] =>
    Array.from({ length: 150_000 }, (_, at) => [at * 2, at * 2 + 1, [count]]);
  expect(patchedWindows(windows(1), windows(2), [])).toEqual(windows(2));
});
