/** Segments of states: put before the state that names them, read by ranges of bytes, never changed. */
import type { SegmentRef, StateLimits } from '../core/state/manifest.ts';
import type { Packing } from '../core/state/packing.ts';
import type { ByteRange, LoadedRange } from '../core/state/reading.ts';
import type { EncodedSegment } from '../core/state/segment.ts';
import type { StateName } from './state-store.ts';

/** Where it lies. */
export type CopiedSegment = {
  readonly store: Pick<SegmentStore, 'loadRanges'>;
  readonly keyGroup: number;
  readonly segment: SegmentRef;
};

export type SegmentStore = {
  readonly packing: Packing;
  readonly limits: StateLimits;
  /** All of it is stored when the call returns, under a name that nobody else has. `state`: the one that is to name it. */
  putSegment(state: StateName, segment: EncodedSegment): Promise<SegmentRef>;
  /** As `putSegment`, of what the same or another store has: byte by byte. MissingItem if it is absent. */
  copySegment(state: StateName, from: CopiedSegment): Promise<SegmentRef>;
  /** MissingItem if one of them is absent. */
  loadRanges(keyGroup: number, ranges: readonly ByteRange[]): Promise<readonly LoadedRange[]>;
};
