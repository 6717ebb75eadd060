/**
 * What a batch makes of the state of a key group: segments that are to be put, and the manifest that names them.
 *
 * CHANGED-1 The state after is the state before with the entries of the batch, without slices that are over.
 * CHANGED-2 Manifest and digests follow from the manifest before, the entries, and the batch: whoever resumes has the same. Only the
 *    names of segments are those of the try.
 */
import { type Compacted, type Compacting, type CompactionStep, compacted } from './compaction.ts';
import { CursorHeap } from './cursor-heap.ts';
import { EntryCursor, type PageToRead } from './entry-cursor.ts';
import { type Inline, type Manifest, type Run, type StateLimits, sum } from './manifest.ts';
import { dueMerge } from './merge-due.ts';
import { comesBefore, nextEntry } from './next-entry.ts';
import { pageText } from './page.ts';
import { inlinePages } from './pages-of-run.ts';
import type { LoadedRange } from './reading.ts';
import { encodeSegment } from './segment.ts';
import type { EntryOfSlice } from './state-entry.ts';
import { withoutOver } from './without-over.ts';

export type StateChange = Compacting & {
  /** In order, each key once in a slice: as `entriesOf` makes them. */
  readonly entries: Iterable<EntryOfSlice>;
  /** Windows of slices up to this are over, all of them. They need not be removed one by one. Absent: none is. */
  readonly overUpTo?: number | undefined;
  /** As `compactionStep` has said. Absent: nothing is merged. */
  readonly step?: CompactionStep | undefined;
  /** What the step has asked for, of both rounds. */
  readonly loaded?: readonly LoadedRange[] | undefined;
};

/** All of one fingerprint: where the aggregates are others than those of the state, the caller writes all of it anew. */
export function stateAfterBatch(before: Manifest, change: StateChange): Compacted {
  const known = withoutOver(before, change.overUpTo);
  const merged: Compacted =
    change.step === undefined
      ? { segments: [], manifest: () => known }
      : compacted(change.step, change.loaded ?? [], change);
  const entries = withInline(known, change);
  const inline = inlineOf(entries, change.limits);
  const added =
    inline !== undefined ? undefined : encodeSegment(entries, { ...change.limits, packing: change.packing });
  const waited =
    change.step === undefined && dueMerge(known, change.limits) !== undefined ? (known.waited ?? 0) + 1 : 0;
  return {
    segments: added === undefined ? merged.segments : [...merged.segments, added],
    manifest: (refs) => {
      const { inline: _, waited: __, ...rest } = merged.manifest(refs.slice(0, merged.segments.length));
      const run: Run[] = added === undefined ? [] : [{ level: 0, segments: refs.slice(merged.segments.length) }];
      return {
        ...rest,
        runs: [...rest.runs, ...run],
        ...(inline !== undefined && inline.length > 0 ? { inline: { pages: inline } } : {}),
        ...(waited > 0 ? { waited } : {}),
      };
    },
  };
}

/** What lay in the manifest, and what is new. */
function withInline(known: Manifest, { entries, functions }: StateChange): readonly EntryOfSlice[] {
  const { inline, overUpTo: over = Number.NEGATIVE_INFINITY } = known;
  const added: EntryOfSlice[] = [];
  for (const entry of entries) if (entry[0] > over) added.push(entry);
  if (inline === undefined) return added;
  const cursors = [inlinePages(inline), bySlice(added)].map((pages, order) => new EntryCursor(order, pages));
  const heap = new CursorHeap(
    cursors.filter(({ isThere }) => isThere),
    comesBefore,
  );
  const all: EntryOfSlice[] = [];
  for (let first = heap.first; first !== undefined; first = heap.first) {
    const { slice } = first;
    all.push([slice, nextEntry(heap, functions)]);
  }
  return all;
}

const bySlice = (entries: readonly EntryOfSlice[]): readonly PageToRead[] =>
  Array.from(
    Map.groupBy(entries, ([slice]) => slice),
    ([slice, ofSlice]) => ({
      ...{ slice, lastSlice: slice, first: ofSlice[0]![1].canonical },
      entries: () => ({ entries: ofSlice.map(([, entry]) => entry) }),
    }),
  );

/** A line break and a key take as many. */
const fewestCharsOfEntry = 3;

/** Undefined: it is too much. */
function inlineOf(entries: readonly EntryOfSlice[], { mostInlineChars }: StateLimits): Inline['pages'] | undefined {
  if (entries.length * fewestCharsOfEntry > mostInlineChars) return undefined;
  const pages = bySlice(entries).map(
    (page) => [page.slice, page.entries().entries.length, pageText(page.entries())] as const,
  );
  return sum(pages.map(([, , text]) => text.length)) <= mostInlineChars ? pages : undefined;
}
