/**
 * The state of some slices, or of all, key by key, from what was loaded of its segments.
 *
 * KEYS-1 It is what comes of all that was ever changed, in order: each key once, by canonical text, its windows of all these slices by
 *    start and end.
 * KEYS-2 Of each run and slice one page is held at a time.
 */
import type { AggregateFunction } from '../../aggregates/aggregate-function.ts';
import { byBounds } from '../patched-windows.ts';
import type { SavedKey, SavedWindow } from '../saved-windows.ts';
import { CursorHeap } from './cursor-heap.ts';
import { EntryCursor, type PageToRead } from './entry-cursor.ts';
import { hasSlices, type Manifest, type Position, type Slices } from './manifest.ts';
import { nextEntry } from './next-entry.ts';
import type { Packing } from './packing.ts';
import { inlinePages, pagesBySlice, pagesOfSource, sourcesOf } from './pages-of-run.ts';
import { isPageRead, isRead, type LoadedRange, SegmentReader } from './reading.ts';
import { settled } from './state-entry.ts';

export type KeysFrom = {
  /** Of both rounds: what `readsOf` and `rangesOf` have asked for. */
  readonly loaded: readonly LoadedRange[];
  readonly slices: Slices;
  /** Of the aggregates, in the order of the accumulators. */
  readonly functions: readonly AggregateFunction[];
  readonly packing: Packing;
};

export function* keysOf(manifest: Manifest, from: KeysFrom): Generator<SavedKey> {
  const heap = new CursorHeap(cursorsOf(manifest, from), isBefore);
  for (let first = heap.first; first !== undefined; first = heap.first) {
    const { canonical } = first;
    const bySlice: SavedKey[] = [];
    while (heap.first?.canonical === canonical) {
      const key = settled(nextEntry(heap, from.functions));
      if (key !== undefined) bySlice.push(key);
    }
    const [key, ...more] = bySlice;
    if (key !== undefined) yield more.length === 0 ? key : together(bySlice);
  }
}

const isBefore = (one: EntryCursor, other: EntryCursor): boolean =>
  one.canonical < other.canonical || (one.canonical === other.canonical && one.order < other.order);

/** Windows that are slices of their own have no `given`. */
function together(bySlice: readonly SavedKey[]): SavedKey {
  const windows: SavedWindow[] = [];
  for (const [, ofSlice] of bySlice) for (const window of ofSlice) windows.push(window);
  return [bySlice[0]![0], windows.sort(byBounds)];
}

/** One for each run and slice, ordered by slice, in a slice the oldest run first. */
function cursorsOf(manifest: Manifest, { loaded, slices, packing }: KeysFrom): readonly EntryCursor[] {
  const reader = new SegmentReader(loaded, packing);
  const bySlice = new Map<number, { readonly pages: readonly PageToRead[]; readonly from?: Position | undefined }[]>();
  const add = (pages: readonly PageToRead[], from?: Position): void => {
    for (const [slice, ofSlice] of Map.groupBy(pages, ({ slice }) => slice)) {
      if (!isRead(slice, slices, manifest)) continue;
      const known = bySlice.get(slice);
      if (known === undefined) bySlice.set(slice, [{ pages: ofSlice, from }]);
      else known.push({ pages: ofSlice, from });
    }
  };
  for (const { segments, from } of sourcesOf(manifest)) {
    const withSlices = segments.filter((segment) => hasSlices(segment.slices, slices, manifest.overUpTo));
    add(
      pagesBySlice(pagesOfSource({ segments: withSlices }, reader, (page) => isPageRead(page, slices, manifest))),
      from,
    );
  }
  if (manifest.inline !== undefined) add(inlinePages(manifest.inline));
  const inOrder = [...bySlice].sort(([one], [other]) => one - other).flatMap(([, sources]) => sources);
  return inOrder.map(({ pages, from }, order) => new EntryCursor(order, pages, from)).filter(({ isThere }) => isThere);
}
