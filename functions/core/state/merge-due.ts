/**
 * Which runs are to become one.
 *
 * DUE-1 It follows from the manifest before the batch, the batch's number and the key group's alone.
 * DUE-2 One merge at a time: what has begun is gone on with first.
 * DUE-3 Runs that are merged stand next to each other, so the order of changes stays.
 */
import { type Manifest, type Run, type StateLimits, sum } from './manifest.ts';

/** So many runs, from `at` on. One that is gone on with is one run. */
export type DueMerge = { readonly at: number; readonly runs: number };

export function dueMerge({ runs }: Manifest, { fanIn, mostYounger }: StateLimits): DueMerge | undefined {
  const goingOn = runs.findIndex(({ rest }) => rest !== undefined);
  if (goingOn >= 0) return { at: goingOn, runs: 1 };
  const [oldest, ...younger] = runs.map(entriesOf);
  if (younger.length > 0 && sum(younger) > mostYounger * oldest!) return { at: 0, runs: runs.length };
  // The oldest has most of the state: to merge it with a few others would cost more than what is read for having them.
  for (let at = 1; at < runs.length; ) {
    let end = at + 1;
    while (end < runs.length && runs[end]!.level === runs[at]!.level) end += 1;
    if (end - at >= fanIn) return { at, runs: fanIn };
    at = end;
  }
  return undefined;
}

/** Whether the group merges in this batch, if a merge is due. One that is not reduced when it would be its turn does not wait for ever. */
export const isItsTurn = (
  { waited = 0 }: Manifest,
  { batchId, keyGroup }: { readonly batchId: number; readonly keyGroup: number },
  { turns }: StateLimits,
): boolean => batchId % turns === keyGroup % turns || waited >= turns;

/** How many entries a step takes. */
export function budgetOf({ runs }: Manifest, { mostMerged }: StateLimits): number {
  const all = runs.flatMap((run) => [...(run.rest?.runs ?? []), run]);
  const largest = Math.max(...all.map(entriesOf));
  const youngest = runs.at(-1)!.rest?.runs.at(-1) ?? runs.at(-1)!;
  const { entries, share, ofYoungest } = mostMerged;
  return Math.max(entries, Math.ceil(share * largest), ofYoungest * entriesOf(youngest));
}

const entriesOf = ({ segments }: Run): number => sum(segments.map(({ entries }) => entries));
