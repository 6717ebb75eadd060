/**
 * The keys of a key group's state, read in portions.
 *
 * PORTION-1 What is held at a time: of the group the indexes of its segments, and about 4 MB of its pages, compressed; of one slice that is
 *    larger, all of its pages.
 */
import { everySlice, type KeyOfSlice, keysBySlice, portionsOf } from '../../core/state/keys-by-slice.ts';
import type { Manifest } from '../../core/state/manifest.ts';
import type { MergingBy } from '../../core/state/merging-by.ts';
import { rangesOf, readsOf } from '../../core/state/reading.ts';
import type { SegmentStore } from '../../ports/segment-store.ts';

const portionBytes = 4_194_304;
/** Of smaller segments index and pages are one request. */
const mostReadWhole = 65_536;

export type StoredGroup = { readonly group: number; readonly manifest: Manifest };

/** In the order of slices, in each by canonical key. `functions`: of the aggregates as they are saved. */
export async function* keysOfGroup(
  segments: SegmentStore,
  { group, manifest }: StoredGroup,
  functions: MergingBy['functions'],
): AsyncGenerator<KeyOfSlice> {
  const { packing } = segments;
  const indexes = await segments.loadRanges(group, readsOf(manifest, everySlice, { mostReadWhole }));
  for (const slices of portionsOf(manifest, { loaded: indexes, packing }, portionBytes)) {
    const pages = await segments.loadRanges(group, rangesOf(manifest, slices, indexes, packing));
    const loaded = [...indexes, ...pages];
    yield* keysBySlice(manifest, { loaded, slices, functions, packing });
  }
}
