/** Which batches a sweep of the bucket looks at, and when (SWEPT-1, SWEPT-2). */
import { expect, it } from 'vitest';
import { afterPass, nextSweep, noSweepYet, type SweepProgress } from '../../functions/core/sweep-progress.ts';

const everyMs = 100;
const next = (progress: SweepProgress, now: number, below: number) => nextSweep(progress, { now, below, everyMs });

it('the first one is at once, and looks at all', () => {
  expect(next(noSweepYet, 5, 40)).toEqual({ pass: { at: 5, below: 40 }, from: 0, after: undefined });
});

it('one that was interrupted goes on where it was, with the batches that it began with', () => {
  const progress = { passes: [], current: { at: 5, below: 40, after: 'k' } };
  expect(next(progress, 900, 80)).toEqual({ pass: { at: 5, below: 40 }, from: 0, after: 'k' });
});

it('the next one is a day later', () => {
  const progress = afterPass(noSweepYet, { at: 5, below: 40 }, everyMs);
  expect(next(progress, 104, 80)).toBeUndefined();
  expect(next(progress, 105, 80)).toMatchObject({ pass: { at: 105, below: 80 } });
});

it('batches are done with once a later pass has seen them when all of theirs were old', () => {
  let progress: SweepProgress = noSweepYet;
  const begins: (number | undefined)[] = [];
  for (const [at, below] of [
    ...[[0, 10] as const, [100, 20] as const, [200, 30] as const, [300, 40] as const],
    ...[[1_000, 50] as const, [1_100, 60] as const, [1_200, 70] as const],
  ]) {
    const found = next(progress, at, below);
    begins.push(found?.from);
    progress = afterPass(progress, found!.pass, everyMs);
  }
  // The pass at 200 has seen what is below 10 when it was old; that at 1,000 all below 40.
  expect(begins).toEqual([0, 0, 0, 10, 20, 40, 40]);
  expect(progress.passes.map(({ at }) => at)).toEqual([1_000, 1_100, 1_200]);
});
