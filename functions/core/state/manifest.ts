/**
 * Which segments the state of a key group is made of: what its item has in place of the state itself.
 *
 *   runs     | oldest, most of the state        | younger | younger | youngest |   inline: what the last batches changed
 *   merged   | what has been merged, before `from` | from there on, as long as the merge goes on: the runs that are merged
 *
 * MANIFEST-1 It never changes. What a batch makes of it follows from it and from what the batch changes.
 * MANIFEST-2 The state is what comes of all entries, the oldest run first, `inline` last; slices up to `overUpTo` are no more.
 * MANIFEST-3 The segments of a run are in order and have no entry in common.
 */
import type { EncodedSegment, PageLimits, SliceRange } from './segment.ts';

/** A segment that was put. */
export type SegmentRef = Omit<EncodedSegment, 'bytes'> & {
  /** Of the blob, in the folder of the key group's segments. */
  readonly name: string;
  /** In how many pieces it lies. */
  readonly chunks: number;
  readonly bytes: number;
};

/** A place in the order of entries. */
export type Position = readonly [slice: number, canonical: string];

export type Run = {
  /** How often what it has has been merged. */
  readonly level: number;
  readonly segments: readonly SegmentRef[];
  /** It is being merged: what the segments do not have yet is in these runs, from `from` on. At most one run has it. */
  readonly rest?: { readonly from: Position; readonly runs: readonly Run[] };
};

/** Entries that are too few for a segment: pages, as text. */
export type Inline = {
  readonly pages: readonly (readonly [slice: number, entries: number, text: string])[];
};

export type Manifest = {
  /** Oldest first. */
  readonly runs: readonly Run[];
  /** Of the last batches. Absent: nothing. */
  readonly inline?: Inline;
  /** Slices up to this are over: nothing of them is read, and what is rewritten leaves them out. Absent: none is. */
  readonly overUpTo?: number;
  /** Batches in which a merge was due and it was not the group's turn. Absent: none. */
  readonly waited?: number;
};

export const noManifest: Manifest = { runs: [] };

/** How state is cut into segments, and when they are merged. One value for all; tests force it small. */
export type StateLimits = PageLimits & {
  /** Characters of what lies in the manifest; what is more becomes a segment. */
  readonly mostInlineChars: number;
  /** So many runs of a level become one of the next, the oldest run apart. */
  readonly fanIn: number;
  /** All runs become one when the younger ones hold more than this many times the entries of the oldest. */
  readonly mostYounger: number;
  /**
   * A step of a merge takes so many entries, or if that is more a share of those of the largest run, or a multiple of those of the
   * youngest. It ends before that where their pages come to so many characters.
   */
  readonly mostMerged: {
    readonly entries: number;
    readonly share: number;
    readonly ofYoungest: number;
    readonly chars: number;
  };
  /** A key group merges in one batch of so many. In which one, the groups take turns. */
  readonly turns: number;
  /** Segments up to this size are read as a whole: one request instead of two. */
  readonly mostReadWhole: number;
};

export const defaultStateLimits: StateLimits = {
  mostInlineChars: 8_192,
  pageEntries: 1_000,
  mostPageChars: 1_048_576,
  fanIn: 16,
  mostYounger: 0.75,
  mostMerged: { entries: 20_000, share: 0.3, ofYoungest: 16, chars: 33_554_432 },
  turns: 4,
  mostReadWhole: 262_144,
};

/** All segments of it, each once. */
export const namedBy = ({ runs }: Manifest): readonly SegmentRef[] => runs.flatMap(segmentsOf);

export const segmentsOf = ({ segments, rest }: Run): readonly SegmentRef[] =>
  rest === undefined ? segments : [...segments, ...rest.runs.flatMap(segmentsOf)];

/** How much a state comes to: of a key group, or of all together. */
export type StateSize = {
  /** Of a key that several runs have, each of them. */
  readonly entries: number;
  /** Of segments, as they lie there. */
  readonly bytes: number;
  /** What batches and merges have put of it, each written once. */
  readonly segments: number;
  /** Each is one or more segments in order. */
  readonly runs: number;
  /** Characters of what lies in the manifest. */
  readonly inlineChars: number;
};

export function sizeOf(manifest: Manifest): StateSize {
  const named = namedBy(manifest);
  const pages = manifest.inline?.pages ?? [];
  return {
    entries: sum(named.map(({ entries }) => entries)) + sum(pages.map(([, entries]) => entries)),
    bytes: sum(named.map(({ bytes }) => bytes)),
    segments: named.length,
    runs: manifest.runs.length,
    inlineChars: sum(pages.map(([, , text]) => text.length)),
  };
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** The ref of a segment, once its bytes are put. */
export function refOf(
  { bytes, ...facts }: EncodedSegment,
  put: { readonly name: string; readonly chunks: number },
): SegmentRef {
  return { ...facts, ...put, bytes: bytes.length };
}

/** Those that are named, and all behind `after` up to `upTo`. */
export type Slices = 'all' | { readonly named: ReadonlySet<number>; readonly after: number; readonly upTo: number };

/** Whether the segment may have something of the slices that are asked for and are not over. */
export function hasSlices([first, last]: SliceRange, slices: Slices, overUpTo = Number.NEGATIVE_INFINITY): boolean {
  if (last <= overUpTo) return false;
  if (slices === 'all' || (first <= slices.upTo && last > slices.after)) return true;
  for (const slice of slices.named) if (first <= slice && slice <= last && slice > overUpTo) return true;
  return false;
}

export const hasSlice = (slices: Slices, slice: number): boolean =>
  slices === 'all' || (slices.after < slice && slice <= slices.upTo) || slices.named.has(slice);
