/** What is known of a state's memory before it is read, and what is refused (FITS-1). */
import { expect, it } from 'vitest';
import type { Manifest, Run } from '../../../functions/core/state/manifest.ts';
import { leastEntries, refuseTooLarge } from '../../../functions/core/state/state-memory.ts';

/** A page of each slice, with so many entries. */
type Pages = readonly (readonly [slice: number, entries: number])[];
const segment = (pages: Pages) =>
  ({
    pages,
    entries: pages.reduce((sum, [, entries]) => sum + entries, 0),
    slices: [pages[0]![0], pages.at(-1)![0]],
  }) as never;
const run = (...pages: Pages): Run => ({ level: 0, segments: [segment(pages)] });
const reader = {
  pagesOf: (of: unknown) => (of as { pages: Pages }).pages.map(([slice, entries]) => ({ slice, entries })) as never,
};
const leastOf = (manifest: Manifest): number => leastEntries(manifest, reader);

it('of several runs has what is in the oldest, less what the others may have removed', () => {
  expect(leastOf({ runs: [] })).toBe(0);
  expect(leastOf({ runs: [run([1, 100], [2, 50])] })).toBe(150);
  expect(leastOf({ runs: [run([1, 100]), run([1, 30]), run([1, 20])] })).toBe(50);
  expect(leastOf({ runs: [run([1, 10]), run([1, 100])] })).toBe(0);
});

it('has nothing of what is over, and of what is being merged what has been', () => {
  expect(leastOf({ runs: [run([4, 100], [5, 50])], overUpTo: 4 })).toBe(50);
  expect(leastOf({ runs: [run([3, 100], [4, 50])], overUpTo: 4 })).toBe(0);
  const merging: Run = { ...run([1, 100]), rest: { from: [3, ''], runs: [run([3, 60])] } };
  expect(leastOf({ runs: [merging, run([1, 10])] })).toBe(30);
});

const range = (bytes: number) => ({ segment: segment([[1, 1]]), from: 0, upTo: bytes }) as never;
const about = { keyGroup: 3, batchId: 42, ranges: [range(1_000_000), range(500_000)] };

it('what is read at once is refused where it alone is more than the function has', () => {
  expect(() => refuseTooLarge(about, 1_500_000)).not.toThrow();
  expect(() => refuseTooLarge(about, 1_499_999)).toThrow(
    'the state of key group 3 does not fit into a reducer: what is read of it at once takes 2 MB at least, and the function has 2 MB. ' +
      'Nothing of batch 42 was given out: with more `memorySize` it goes on with that very batch. Then have more key groups (`sluice repartition`)',
  );
  expect(() => refuseTooLarge(about, undefined)).not.toThrow();
});

it('so is one that is written anew, by its entries', () => {
  const rewritten = 3_000_000;
  expect(() => refuseTooLarge({ ...about, rewritten }, 1_769 * 1_048_576)).toThrow(
    'it was saved for other aggregates, and is written anew as a whole, which with 3,000,000 entries takes 2,577 MB at least, and the function has 1,769 MB',
  );
  expect(() => refuseTooLarge({ ...about, rewritten }, 3_008 * 1_048_576)).not.toThrow();
});
