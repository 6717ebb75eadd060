/** What comes next of several runs, as one entry. Hot: once for each entry of a state that is read, or merged. */
import type { AggregateFunction } from '../../aggregates/aggregate-function.ts';
import type { CursorHeap } from './cursor-heap.ts';
import type { EntryCursor, PageToRead } from './entry-cursor.ts';
import { composed, type StateEntry } from './state-entry.ts';

/** Of the slice and key that come first, what all of them have. They go on behind it. */
export function nextEntry<Page extends PageToRead>(
  heap: CursorHeap<EntryCursor<Page>>,
  functions: readonly AggregateFunction[],
): StateEntry {
  const { slice, canonical, entry: oldest } = heap.first!;
  let entry = oldest;
  pass(heap);
  for (let next = heap.first; next?.canonical === canonical && next.slice === slice; next = heap.first) {
    entry = composed(entry, next.entry, functions);
    pass(heap);
  }
  return entry;
}

function pass<Page extends PageToRead>(heap: CursorHeap<EntryCursor<Page>>): void {
  heap.first!.next();
  settle(heap);
}

/** The first has moved on. */
export function settle<Page extends PageToRead>(heap: CursorHeap<EntryCursor<Page>>): void {
  if (heap.first!.isThere) heap.moved();
  else heap.remove();
}

/** By slice and key, of one key in the order of the cursors. */
export const comesBefore = (one: EntryCursor, other: EntryCursor): boolean => {
  if (one.slice !== other.slice) return one.slice < other.slice;
  return one.canonical < other.canonical || (one.canonical === other.canonical && one.order < other.order);
};
