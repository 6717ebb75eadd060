/**
 * The state of some slices, slice by slice and in each by canonical key: for whoever shows it, or holds it against another one.
 *
 * BYSLICE-1 It is what `keysOf` has of these slices, a key once for each slice that it is in.
 * BYSLICE-2 Of each run one page is held at a time.
 */
import type { AggregateFunction } from '../../aggregates/aggregate-function.ts';
import type { SavedKey } from '../saved-windows.ts';
import { CursorHeap } from './cursor-heap.ts';
import { EntryCursor } from './entry-cursor.ts';
import type { KeysFrom } from './keys-of-state.ts';
import { hasSlices, type Manifest, namedBy, type Slices } from './manifest.ts';
import { comesBefore, nextEntry } from './next-entry.ts';
import type { Packing } from './packing.ts';
import { inlinePages, pagesOfSource, sourcesOf } from './pages-of-run.ts';
import { isRead, type LoadedRange, SegmentReader } from './reading.ts';
import { settled } from './state-entry.ts';

export type KeyOfSlice = readonly [slice: number, key: SavedKey];

export function* keysBySlice(manifest: Manifest, from: KeysFrom): Generator<KeyOfSlice> {
  const heap = new CursorHeap(cursorsOf(manifest, from), comesBefore);
  const { functions }: { readonly functions: readonly AggregateFunction[] } = from;
  for (let first = heap.first; first !== undefined; first = heap.first) {
    const { slice } = first;
    const key = settled(nextEntry(heap, functions));
    if (key !== undefined) yield [slice, key];
  }
}

/** One for each run, the oldest first. */
function cursorsOf(manifest: Manifest, { loaded, slices, packing }: KeysFrom): readonly EntryCursor[] {
  const reader = new SegmentReader(loaded, packing);
  const isAsked = (slice: number): boolean => isRead(slice, slices, manifest);
  const sources = sourcesOf(manifest).map(({ segments, from }) => {
    const withSlices = segments.filter((segment) => hasSlices(segment.slices, slices, manifest.overUpTo));
    return { pages: pagesOfSource({ segments: withSlices }, reader, isAsked), from };
  });
  const { inline } = manifest;
  const all = [
    ...sources,
    ...(inline === undefined
      ? []
      : [{ pages: inlinePages(inline).filter(({ slice }) => isAsked(slice)), from: undefined }]),
  ];
  return all.map(({ pages, from }, order) => new EntryCursor(order, pages, from)).filter(({ isThere }) => isThere);
}

/** All there are, for `readsOf`: of segments that are large it asks for the index alone. */
export const everySlice: Slices = { named: new Set(), after: Number.NEGATIVE_INFINITY, upTo: Number.POSITIVE_INFINITY };

/** Those alone. */
export const onlySlices = (named: readonly number[]): Slices => ({
  named: new Set(named),
  ...{ after: Number.POSITIVE_INFINITY, upTo: Number.NEGATIVE_INFINITY },
});

/** Slices in order, in portions that are read one after the other: each of one slice at least, and of about so many bytes. */
export function portionsOf(
  manifest: Manifest,
  { loaded, packing }: { readonly loaded: readonly LoadedRange[]; readonly packing: Packing },
  mostBytes: number,
): readonly (readonly number[])[] {
  const bytesOf = new Map<number, number>();
  const add = (slice: number, bytes: number): void => {
    if (isRead(slice, 'all', manifest)) bytesOf.set(slice, (bytesOf.get(slice) ?? 0) + bytes);
  };
  const reader = new SegmentReader(loaded, packing);
  for (const segment of namedBy(manifest))
    if (hasSlices(segment.slices, 'all', manifest.overUpTo))
      for (const { slice, length } of reader.pagesOf(segment)) add(slice, length);
  for (const [slice, , text] of manifest.inline?.pages ?? []) add(slice, text.length);
  const portions: number[][] = [];
  let room = 0;
  for (const [slice, bytes] of [...bytesOf].sort(([one], [other]) => one - other)) {
    if (bytes <= room) portions.at(-1)!.push(slice);
    else portions.push([slice]);
    room = bytes <= room ? room - bytes : mostBytes - bytes;
  }
  return portions;
}
