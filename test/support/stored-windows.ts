/** Windows of a stored state, and the manifest of windows that a test begins with. */
import { statePacking } from '../../functions/adapters/state-packing.ts';
import { canonicalKey } from '../../functions/core/key-group.ts';
import type { KeyGroupState } from '../../functions/core/reduction.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import { keysOf } from '../../functions/core/state/keys-of-state.ts';
import { defaultStateLimits, type Manifest, noManifest, refOf } from '../../functions/core/state/manifest.ts';
import { readsOf } from '../../functions/core/state/reading.ts';
import { isSlicedByEnd } from '../../functions/core/state/slice-rules.ts';
import { stateAfterBatch } from '../../functions/core/state/state-change.ts';
import { entriesOf } from '../../functions/core/state/state-entry.ts';
import { applyDelta } from '../../functions/core/state-delta.ts';
import { withoutUserCode } from '../../functions/core/unmerged.ts';
import type { Aggregation } from '../../functions/pipeline/pipeline.ts';
import type { SegmentStore } from '../../functions/ports/segment-store.ts';

/** All of them, as they come of all that was put. */
export async function windowsIn(
  { segments }: { readonly segments: SegmentStore },
  aggregation: Aggregation,
  { keyGroup, manifest }: Pick<KeyGroupState, 'keyGroup' | 'manifest'>,
): Promise<SavedWindows> {
  const reads = readsOf(manifest, 'all', { ...segments.limits, mostReadWhole: Number.POSITIVE_INFINITY });
  const loaded = await segments.loadRanges(keyGroup, reads);
  const functions = withoutUserCode(aggregation);
  return applyDelta(keysOf(manifest, { loaded, slices: 'all', functions, packing: segments.packing }), []);
}

/** All of it lies in the manifest. */
export function manifestWith(windows: SavedWindows, aggregation: Aggregation): Manifest {
  const delta = windows.map(([keyValues, upserts, given]) => ({
    ...{ canonical: canonicalKey(keyValues), keyValues, upserts, removals: [] },
    ...(given && { given }),
  }));
  const sliceOf = isSlicedByEnd(aggregation) ? 'by-end' : 'one';
  return stateAfterBatch(noManifest, {
    entries: entriesOf(delta, sliceOf, () => false),
    limits: { ...defaultStateLimits, mostInlineChars: Number.POSITIVE_INFINITY },
    ...{ packing: statePacking, functions: withoutUserCode(aggregation) },
  }).manifest([]);
}

/** Nothing is shared with who has put it. */
export function memorySegments(limits = defaultStateLimits): SegmentStore {
  const blobs = new Map<string, Uint8Array>();
  return {
    ...{ packing: statePacking, limits },
    putSegment: async ({ batchId, ref }, segment) => {
      const name = `${batchId}#${ref}#${blobs.size}`;
      blobs.set(name, segment.bytes.slice());
      return refOf(segment, { name, chunks: 1 });
    },
    copySegment: async ({ batchId, ref }, { store, keyGroup, segment }) => {
      const [whole] = await store.loadRanges(keyGroup, [{ segment, from: 0, upTo: segment.bytes }]);
      const name = `${batchId}#${ref}#${blobs.size}`;
      blobs.set(name, whole!.bytes.slice());
      return { ...segment, name };
    },
    loadRanges: async (_, ranges) =>
      ranges.map((range) => ({ ...range, bytes: blobs.get(range.segment.name)!.slice(range.from, range.upTo) })),
  };
}
