/** Entries of several runs as those of one. Hot: a step of a merge is a quarter of a state. */
import type { AggregateFunction } from '../../aggregates/aggregate-function.ts';
import { CursorHeap } from './cursor-heap.ts';
import { type EntryCursor, isBefore } from './entry-cursor.ts';
import type { Position } from './manifest.ts';
import { comesBefore, nextEntry, settle } from './next-entry.ts';
import type { PageOfSegment } from './pages-of-run.ts';
import type { SegmentWriter } from './segment.ts';
import type { StateEntry } from './state-entry.ts';

type Cursor = EntryCursor<PageOfSegment>;

type Merging = {
  /** Only what lies before it. Absent: all. */
  readonly limit: Position | undefined;
  /** Nothing lies below. */
  readonly isOldest: boolean;
  readonly functions: readonly AggregateFunction[];
};

/** `cursors`: the oldest first. They are left where the limit is. */
export function mergeEntries(cursors: readonly Cursor[], writer: SegmentWriter, merging: Merging): void {
  const heap = new CursorHeap(
    cursors.filter(({ isThere }) => isThere),
    comesBefore,
  );
  const { limit, isOldest, functions } = merging;
  for (let first = heap.first; first !== undefined; first = heap.first) {
    if (limit !== undefined && !isBefore(first, limit)) return;
    const page = copiedPage(heap, writer, merging);
    if (page !== undefined) {
      writer.addPage(page.page, page.bytes());
      first.nextPage();
      settle(heap);
      continue;
    }
    const { slice } = first;
    const entry = nextEntry(heap, functions);
    const kept = isOldest ? withoutRemovals(entry) : entry;
    if (kept !== undefined) writer.add(slice, kept);
  }
}

/**
 * Where no other run has anything in between, a page stays as it is: unless that would leave one before it that is hardly begun. The
 * limit is where a page begins, so none that begins before it reaches beyond.
 */
function copiedPage(heap: CursorHeap<Cursor>, writer: SegmentWriter, { isOldest }: Merging): PageOfSegment | undefined {
  if (!writer.takesPages) return undefined;
  const { second } = heap;
  const page = heap.first!.pageBefore(second && [second.slice, second.canonical]);
  return page !== undefined && isOldest && !page.page.isPlain ? undefined : page;
}

/** Undefined: nothing is left of it. */
function withoutRemovals(entry: StateEntry): StateEntry | undefined {
  const { canonical, upserts, added, removals, given } = entry;
  if (upserts.length + added.length === 0) return undefined;
  if (removals.length === 0 && given?.length !== 0) return entry;
  const kept = { canonical, upserts, added, removals: [] };
  return given === undefined || given.length === 0 ? kept : { ...kept, given };
}
