/**
 * What was given out of the windows of one key that overlap, in few words: neighbours have mostly given out as many versions.
 *
 *   ends of windows   10   20   30   40   50   60
 *   versions           1    1    2    2    –    1
 *   runs              [10, 20]  [30, 40]  [60, 60]
 *
 * RUNS-1 Runs are by their ends and do not overlap. Two that follow each other say different things.
 * RUNS-2 There is none of a window that is over, once anything else of the key has changed since.
 */
import type { Given, GivenRun } from './saved-windows.ts';

export function givenAt(runs: readonly GivenRun[], end: number): Given | undefined {
  let [from, upTo] = [0, runs.length];
  while (from < upTo) {
    const middle = (from + upTo) >> 1;
    if (runs[middle]![1] < end) from = middle + 1;
    else upTo = middle;
  }
  const run = runs[from];
  return run !== undefined && run[0] <= end ? run[2] : undefined;
}

/** Of one window; undefined: there is nothing to say of it. */
export type GivenOfEnd = readonly [end: number, given: Given | undefined];

/** `changes`: by end. `from`: the first end of a window that is not over. */
export function runsAfter(
  before: readonly GivenRun[],
  changes: readonly GivenOfEnd[],
  { everyMs, from }: { readonly everyMs: number; readonly from: number },
): readonly GivenRun[] {
  const after: [firstEnd: number, lastEnd: number, given: Given][] = [];
  const add = (first: number, last: number, given: Given): void => {
    const previous = after.at(-1);
    if (previous !== undefined && previous[1] + everyMs === first && isSame(previous[2], given)) previous[1] = last;
    else if (first <= last) after.push([first, last, given]);
  };
  let at = 0;
  let next = from;
  const keepBelow = (end: number): void => {
    for (; at < before.length && before[at]![0] < end; at++) {
      const [first, last, given] = before[at]!;
      add(Math.max(first, next), Math.min(last, end - everyMs), given);
      if (last >= end) return;
    }
  };
  for (const [end, given] of changes) {
    if (end < next) continue;
    keepBelow(end);
    next = end + everyMs;
    if (given !== undefined) add(end, end, given);
  }
  keepBelow(Infinity);
  return after;
}

const isSame = ([versions, rows, of]: Given, [otherVersions, otherRows, otherOf]: Given): boolean =>
  versions === otherVersions &&
  rows === otherRows &&
  (of === otherOf || JSON.stringify(of) === JSON.stringify(otherOf));
