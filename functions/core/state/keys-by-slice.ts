/**
 * The state of some slices, slice by slice and in each by canonical key: for whoever shows it, or holds it against another one.
 *
 * BYSLICE-1 It is what `keysOf` has of these slices, a key once for each slice that it is in.
 * BYSLICE-2 Of each run one page is held at a time.
 */
import type { AggregateFunction } from '../../aggregates/aggregate-function.ts';
import type { SavedKey } from '../saved-windows.ts';
import { CursorHeap } from './cursor-heap.ts';
import { EntryCursor, type PageToRead } from './entry-cursor.ts';
import type { KeysFrom } from './keys-of-state.ts';
import { hasSlices, type Manifest, namedBy, type Slices } from './manifest.ts';
import { comesBefore, nextEntry } from './next-entry.ts';
import type { Packing } from './packing.ts';
import { inlinePages, pagesBySlice, pagesOfSource, sourcesOf } from './pages-of-run.ts';
import { isPageRead, isRead, type LoadedRange, SegmentReader } from './reading.ts';
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
  const asked = (pages: readonly PageToRead[]) =>
    pagesBySlice(pages).filter(({ slice }) => isRead(slice, slices, manifest));
  const sources = sourcesOf(manifest).map(({ segments, from }) => {
    const withSlices = segments.filter((segment) => hasSlices(segment.slices, slices, manifest.overUpTo));
    const pages = pagesOfSource({ segments: withSlices }, reader, (page) => isPageRead(page, slices, manifest));
    return { pages: asked(pages), from };
  });
  const { inline } = manifest;
  const all = [...sources, ...(inline === undefined ? [] : [{ pages: asked(inlinePages(inline)), from: undefined }])];
  return all.map(({ pages, from }, order) => new EntryCursor(order, pages, from)).filter(({ isThere }) => isThere);
}

type Range = Exclude<Slices, 'all'>;

const range = (after: number, upTo: number): Range => ({ named: new Set(), after, upTo });

/** All there are, for `readsOf`: of segments that are large it asks for the index alone. */
export const everySlice: Slices = range(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);

/** All slices, in portions that are read one after the other: each of one slice at least, and of about so many bytes. */
export function portionsOf(
  manifest: Manifest,
  { loaded, packing }: { readonly loaded: readonly LoadedRange[]; readonly packing: Packing },
  mostBytes: number,
): readonly Slices[] {
  const bytesFrom = new Map<number, number>();
  const add = (slice: number, bytes: number): void => void bytesFrom.set(slice, (bytesFrom.get(slice) ?? 0) + bytes);
  const reader = new SegmentReader(loaded, packing);
  for (const segment of namedBy(manifest))
    if (hasSlices(segment.slices, 'all', manifest.overUpTo))
      for (const { slice, length } of reader.pagesOf(segment)) add(slice, length);
  for (const [slice, , text] of manifest.inline?.pages ?? []) add(slice, text.length);
  const firsts: number[] = [];
  let room = 0;
  for (const [slice, bytes] of [...bytesFrom].sort(([one], [other]) => one - other)) {
    if (bytes > room) firsts.push(slice);
    room = bytes > room ? mostBytes - bytes : room - bytes;
  }
  // What ends in a page that begins before is read with either portion.
  return firsts.map((first, at) => range(at === 0 ? -Infinity : first - 1, (firsts[at + 1] ?? Infinity) - 1));
}
