/**
 * How far sweeps have come, and which batches the next one looks at.
 *
 * SWEPT-1 Each pass looks at the batches from `from` up to the one below which all was purged when it began, in the order of their numbers. It may
 *    be interrupted anywhere, and goes on there.
 * SWEPT-2 Whoever writes for a batch may live on a little after it was purged, and leave an object then. So the batches below a pass are done
 *    with only once a later pass began so much later that all of theirs were old: `from` is what an earlier pass went up to, at least two
 *    ages of an orphan before the last one. A pass looks at the batches of a few days, however many there were before.
 */
export type SweepProgress = {
  /** Those that are done with, the last one at the end. */
  readonly passes: readonly Pass[];
  readonly current: (Pass & { readonly after: string }) | null;
};

/** `at`: when it began, in epoch milliseconds. */
export type Pass = { readonly at: number; readonly below: number };

export const noSweepYet: SweepProgress = { passes: [], current: null };

/** What to do now. Undefined: nothing. `after`: the names of objects behind it are to be looked at. */
export function nextSweep(
  { passes, current }: SweepProgress,
  { now, below, everyMs }: { readonly now: number; readonly below: number; readonly everyMs: number },
): { readonly pass: Pass; readonly from: number; readonly after: string | undefined } | undefined {
  const last = passes.at(-1);
  const done = last && passes.findLast(({ at }) => at <= last.at - 2 * everyMs);
  const from = done?.below ?? 0;
  if (current !== null) return { pass: { at: current.at, below: current.below }, from, after: current.after };
  if (last !== undefined && now < last.at + everyMs) return undefined;
  return { pass: { at: now, below }, from, after: undefined };
}

/** Older ones than the one that the next pass begins at say nothing any more. */
export function afterPass({ passes }: SweepProgress, pass: Pass, everyMs: number): SweepProgress {
  const all = [...passes, pass];
  const done = all.findLastIndex(({ at }) => at <= pass.at - 2 * everyMs);
  return { passes: all.slice(Math.max(0, done)), current: null };
}
