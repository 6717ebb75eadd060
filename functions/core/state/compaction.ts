/**
 * One step of a merge: of some runs that stand next to each other, what lies behind the point that the merge has come to, up to a next
 * point, becomes a segment. Until a merge is done, the runs stay named: what lies behind the point is still read from them.
 *
 * MERGE-1 The state is the same after each step.
 * MERGE-2 A step is bounded: by `mostMerged`, and by a page of each run.
 * MERGE-3 In the oldest run nothing is removed any more, since nothing lies below it, and what is over is left out of every run.
 *
 *   run       a b c d e f g h i j            before: nothing is merged yet
 *   run         b     e     h     k
 *                       │
 *   merged    a b c d e │                    after a step up to e
 *   rest                │ f g h i j
 *                       │     h     k
 */
import type { AggregateFunction } from '../../aggregates/aggregate-function.ts';
import { EntryCursor, isBefore } from './entry-cursor.ts';
import { type Manifest, type Position, type Run, type SegmentRef, type StateLimits, segmentsOf } from './manifest.ts';
import { budgetOf, dueMerge, isItsTurn } from './merge-due.ts';
import { mergeEntries } from './merge-entries.ts';
import type { Packing } from './packing.ts';
import { type PageOfSegment, pagesOfSource } from './pages-of-run.ts';
import { type ByteRange, firstReadOf, type LoadedRange, SegmentReader } from './reading.ts';
import { type EncodedSegment, SegmentWriter } from './segment.ts';
import { withoutOver } from './without-over.ts';

export type CompactionStep = {
  /** That before the batch, without what is over. */
  readonly manifest: Manifest;
  /** Where the merged run is to be. */
  readonly at: number;
  readonly count: number;
  readonly level: number;
  /** What is to be merged, from `from` on, and put behind what has been. */
  readonly runs: readonly Run[];
  readonly done: readonly SegmentRef[];
  readonly from: Position | undefined;
  readonly entries: number;
  /** The first round of what is to be read. */
  readonly reads: readonly ByteRange[];
};

/** Undefined: nothing is due, or it is not the group's turn. `overUpTo`: as of the batch, see `StateChange`. */
export function compactionStep(
  before: Manifest,
  batch: { readonly batchId: number; readonly keyGroup: number; readonly overUpTo?: number | undefined },
  limits: StateLimits,
): CompactionStep | undefined {
  const manifest = withoutOver(before, batch.overUpTo);
  const due = dueMerge(manifest, limits);
  if (due === undefined || !isItsTurn(manifest, batch, limits)) return undefined;
  const { at, runs: count } = due;
  const found = manifest.runs.slice(at, at + count);
  const [{ rest, level, segments }] = found as [Run];
  const runs = rest?.runs ?? found;
  return {
    ...{ manifest, at, count, runs, level: rest === undefined ? levelOf(found) : level },
    ...(rest === undefined
      ? { done: [], from: behindOver(manifest) }
      : { done: segments, from: later(rest.from, behindOver(manifest)) }),
    entries: budgetOf(manifest, limits),
    reads: runs.flatMap(segmentsOf).map((segment) => firstReadOf(segment, limits.mostReadWhole)),
  };
}

/** No key comes behind it: they all begin with a bracket. */
const behindAllKeys = '~';

/** Of a page of several slices, some may be over. */
const behindOver = ({ overUpTo }: Manifest): Position | undefined =>
  overUpTo === undefined ? undefined : [overUpTo, behindAllKeys];

const later = (one: Position, other: Position | undefined): Position =>
  other !== undefined && isBefore({ slice: one[0], canonical: one[1] }, other) ? other : one;

/** Runs of one level make one of the next; all together what they mostly are. */
const levelOf = (runs: readonly Run[]): number => {
  const levels = runs.map(({ level }) => level);
  return levels.every((level) => level === levels[0]) ? levels[0]! + 1 : Math.max(...levels);
};

/** The second round, once the first has been loaded. */
export function rangesOfStep(
  step: CompactionStep,
  loaded: readonly LoadedRange[],
  { limits, packing }: { readonly limits: StateLimits; readonly packing: Packing },
): readonly ByteRange[] {
  const reader = new SegmentReader(loaded, packing);
  const { inStep } = planOf(step, reader, limits);
  return step.runs.flatMap(segmentsOf).flatMap((segment) => reader.missing(segment, (page) => inStep.has(page)));
}

export type Compacting = {
  /** Of the aggregates, in the order of the accumulators. */
  readonly functions: readonly AggregateFunction[];
  readonly limits: StateLimits;
  readonly packing: Packing;
};

/** What is to be put, and the manifest as it follows from what was put, in the order of `segments`. */
export type Compacted = {
  readonly segments: readonly EncodedSegment[];
  readonly manifest: (refs: readonly SegmentRef[]) => Manifest;
};

/** `loaded`: of both rounds. */
export function compacted(step: CompactionStep, loaded: readonly LoadedRange[], with_: Compacting): Compacted {
  const reader = new SegmentReader(loaded, with_.packing);
  const { limit } = planOf(step, reader, with_.limits);
  const cursors = step.runs.map((run, order) => new EntryCursor(order, pagesLeft(run, reader, step), step.from));
  const writer = new SegmentWriter(with_.limits, with_.packing);
  mergeEntries(cursors, writer, { limit, isOldest: step.at === 0, functions: with_.functions });
  const segment = writer.finish();
  const rest = limit === undefined ? undefined : restOf(step.runs, cursors, limit);
  return {
    segments: segment === undefined ? [] : [segment],
    manifest: (refs) => {
      const segments = [...step.done, ...refs];
      const isEmpty = segments.length === 0 && rest === undefined;
      const run: Run = rest === undefined ? { level: step.level, segments } : { level: step.level, segments, rest };
      return { ...step.manifest, runs: step.manifest.runs.toSpliced(step.at, step.count, ...(isEmpty ? [] : [run])) };
    },
  };
}

/** Of slices that are not over. */
const pagesLeft = (run: Run, reader: SegmentReader, { manifest }: CompactionStep) =>
  pagesOfSource(run, reader, ({ lastSlice }) => manifest.overUpTo === undefined || lastSlice > manifest.overUpTo);

type Plan = {
  /** Everything before it is merged. Absent: all there is. */
  readonly limit: Position | undefined;
  /** Pages that have something before it. */
  readonly inStep: ReadonlySet<PageOfSegment['page']>;
};

/** By where pages begin: as many as the budget allows, and the limit is where the next one begins. */
function planOf(step: CompactionStep, reader: SegmentReader, { mostMerged }: StateLimits): Plan {
  const pages = step.runs.flatMap((run) => pagesLeft(run, reader, step));
  pages.sort((one, other) => (isBefore(placeOf(one), positionOf(other)) ? -1 : 1));
  const inStep = new Set<PageOfSegment['page']>();
  let [entries, chars] = [0, 0];
  let begin: Position | undefined;
  for (const page of pages) {
    const isFull = entries >= step.entries || chars >= mostMerged.chars;
    if (isFull && isBefore({ slice: begin![0], canonical: begin![1] }, positionOf(page)))
      return { limit: positionOf(page), inStep };
    inStep.add(page.page);
    // What the merge has come to the middle of does not count: each step is to come further.
    if (step.from !== undefined && isBefore(placeOf(page), step.from)) continue;
    begin ??= positionOf(page);
    entries += page.page.entries;
    chars += page.page.size;
  }
  return { limit: undefined, inStep };
}

const placeOf = ({ slice, first }: PageOfSegment) => ({ slice, canonical: first });
const positionOf = ({ slice, first }: PageOfSegment): Position => [slice, first];

/** Segments that have something left. Undefined: none has. */
function restOf(
  runs: readonly Run[],
  cursors: readonly EntryCursor<PageOfSegment>[],
  from: Position,
): Run['rest'] | undefined {
  const left = runs.flatMap(({ level }, at): Run[] => {
    const segments = [...new Set(cursors[at]!.left.map(({ segment }) => segment))];
    return segments.length === 0 ? [] : [{ level, segments }];
  });
  return left.length === 0 ? undefined : { from, runs: left };
}
