/**
 * A merge that is due gets further: within so many batches in which its key group is reduced as groups take turns, runs become fewer, or what has
 * been merged of them more. What is due is read off the manifest here, by the words of the protocol: as many runs of a size as become one,
 * more in the younger runs than they may have beside the oldest, or a merge that has begun.
 */
import {
  defaultStateLimits,
  type Manifest,
  type Run,
  type StateLimits,
} from '../../../functions/core/state/manifest.ts';
import type { Report } from './violation.ts';

export class MergeCheck {
  readonly #report: Report;
  readonly #limits: StateLimits;
  /** By key group: its last manifest, and in how many batches since a merge was due and came no further. */
  readonly #groups = new Map<number, { readonly manifest: Manifest; readonly still: number }>();

  constructor(report: Report, limits = defaultStateLimits) {
    this.#report = report;
    this.#limits = limits;
  }

  /** Each committed batch in which the group was reduced, in order. */
  reduced(group: number, batchId: number, manifest: Manifest): void {
    const before = this.#groups.get(group);
    const isStill = before !== undefined && this.#isDue(before.manifest) && isAsItWas(before.manifest, manifest);
    const still = isStill ? before.still + 1 : 0;
    this.#groups.set(group, { manifest, still });
    if (still > this.#limits.turns)
      this.#report(
        'merges',
        `key group ${group}: a merge is due for ${still} batches up to ${batchId}, and gets no further`,
      );
  }

  #isDue({ runs }: Manifest): boolean {
    const { fanIn, mostYounger } = this.#limits;
    const [oldest = 0, ...younger] = runs.map(entriesIn);
    const inYounger = younger.reduce((sum, each) => sum + each, 0);
    if (runs.some(({ rest }) => rest !== undefined)) return true;
    return (younger.length > 0 && inYounger > mostYounger * oldest) || mostOfALevel(runs.slice(1)) >= fanIn;
  }
}

const entriesIn = ({ segments }: Run): number => segments.reduce((sum, { entries }) => sum + entries, 0);

/** That stand next to each other. */
function mostOfALevel(runs: readonly Run[]): number {
  let [most, streak] = [0, 0];
  for (const [at, { level }] of runs.entries()) {
    streak = level === runs[at - 1]?.level ? streak + 1 : 1;
    most = Math.max(most, streak);
  }
  return most;
}

/** But for what the batch itself has added. */
const isAsItWas = (before: Manifest, after: Manifest): boolean =>
  before.runs.length <= after.runs.length && before.runs.every((run, at) => textOf(run) === textOf(after.runs[at]!));

const textOf = ({ level, segments, rest }: Run): string =>
  JSON.stringify([level, segments.map(({ name }) => name), rest?.from, rest?.runs.map(textOf)]);
