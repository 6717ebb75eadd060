/** Segments of states: blobs in `<pipeline>/segments/<group>`, named by batch, ref and a nonce. There is no root but the states that name them. */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { defaultStateLimits, refOf } from '../../core/state/manifest.ts';
import type { SegmentStore } from '../../ports/segment-store.ts';
import type { StateName } from '../../ports/state-store.ts';
import { statePacking } from '../state-packing.ts';
import { padName, segmentFolder } from './keys.ts';
import type { Storage } from './storage.ts';

const atOnce = 16;
const version = 1;
/** Ranges are read: there is no digest of the whole to be held against. */
const unchecked = '';

export function createSegmentStore(
  storage: Pick<Storage, 'pipeline' | 'blobs' | 'newId' | 'stateLimits'>,
): SegmentStore {
  const { pipeline, blobs, newId, stateLimits = defaultStateLimits } = storage;
  const put = async (
    state: StateName,
    bytes: Uint8Array,
  ): Promise<{ readonly name: string; readonly chunks: number }> => {
    const name = `${padName(state)}#${newId()}`;
    const { chunks } = await blobs.put({ folder: segmentFolder(pipeline, state.keyGroup), name }, bytes, {
      v: version,
    });
    return { name, chunks };
  };
  return {
    packing: statePacking,
    limits: stateLimits,
    putSegment: async (state, segment) => refOf(segment, await put(state, segment.bytes)),
    async copySegment(state, { store, keyGroup, segment }) {
      const [whole] = await store.loadRanges(keyGroup, [{ segment, from: 0, upTo: segment.bytes }]);
      return { ...segment, ...(await put(state, whole!.bytes)) };
    },
    loadRanges: (keyGroup, ranges) =>
      inParallel(ranges, atOnce, async (range) => {
        const { segment, from, upTo } = range;
        const blob = { folder: segmentFolder(pipeline, keyGroup), ...segment, digest: unchecked };
        return { ...range, bytes: await blobs.getRange(blob, from, upTo - from) };
      }),
  };
}
