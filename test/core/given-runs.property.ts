/** RUNS-1, RUNS-2: what was given out of each window, against a list of all of them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { givenAt, runsAfter } from '../../functions/core/given-runs.ts';
import type { Given, GivenRun } from '../../functions/core/saved-windows.ts';

const given: fc.Arbitrary<Given | undefined> = fc.oneof(
  fc.constantFrom<Given[]>([1, 1], [1, 0], [2, 1], [2, 1, ['main']], [2, 1, ['other']]),
  fc.constant(undefined),
);
/** Many of one batch next to each other, as one event makes them. */
const change = fc.record({ first: fc.nat(20), length: fc.integer({ min: 1, max: 6 }), given });
const batch = fc.record({ changes: fc.array(change, { maxLength: 4 }), by: fc.nat(4) });
const settings = fc.record({ everyMs: fc.constantFrom(1, 5), offset: fc.nat(4) });

it('is what was said last of each window that is not over, in as few runs as there can be', () => {
  let mostRuns = 0;
  fc.assert(
    fc.property(settings, fc.array(batch, { maxLength: 12 }), ({ everyMs, offset }, batches) => {
      const truth = new Map<number, Given>();
      let runs: readonly GivenRun[] = [];
      let first = 0;
      for (const { changes, by } of batches) {
        const ends = new Map<number, Given | undefined>();
        for (const { first: from, length, given: of } of changes)
          for (let at = from; at < from + length; at++) ends.set((first - 2 + at) * everyMs + offset, of);
        first += by;
        const from = first * everyMs + offset;
        runs = runsAfter(
          runs,
          [...ends].sort(([one], [other]) => one - other),
          { everyMs, from },
        );
        for (const [end, of] of ends) {
          if (of === undefined) truth.delete(end);
          else truth.set(end, of);
        }
        for (const end of truth.keys()) if (end < from) truth.delete(end);

        const said = runs.flatMap(([firstEnd, lastEnd, of]) =>
          Array.from({ length: (lastEnd - firstEnd) / everyMs + 1 }, (_, at) => [firstEnd + at * everyMs, of] as const),
        );
        expect(said).toEqual([...truth].sort(([one], [other]) => one - other));
        for (let end = from - 3 * everyMs; end < from + 30 * everyMs; end += everyMs)
          expect(givenAt(runs, end)).toEqual(truth.get(end));
        for (const [at, [firstEnd, , of]] of runs.entries())
          if (at > 0 && runs[at - 1]![1] + everyMs === firstEnd) expect(of).not.toEqual(runs[at - 1]![2]);
        mostRuns = Math.max(mostRuns, runs.length);
      }
    }),
    { numRuns: 400 },
  );
  expect(mostRuns).toBeGreaterThan(3);
});
