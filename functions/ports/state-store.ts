/** The state of a key group after a batch, in one item with the output of the batch: what is sent is what is stored. */
import type { BatchName } from '../core/model.ts';
import type { KeyGroupState } from '../core/reduction.ts';
import type { SegmentRef } from '../core/state/manifest.ts';

export type StateName = BatchName & { readonly keyGroup: number };

export type StateStore = {
  /** First write wins; returns the one that is stored. The segments that it names are put before. */
  putState(state: KeyGroupState, around: Around): Promise<KeyGroupState>;
  /** MissingItem if it is absent. */
  loadState(keyGroup: number, batchId: number, ref: number): Promise<KeyGroupState>;
  /** Undefined: nobody has put one yet. */
  findState(keyGroup: number, batchId: number, ref: number): Promise<KeyGroupState | undefined>;
};

/** What a purge goes by. */
export type Around = {
  /** The group's state before; undefined: it had none. It goes once nobody can go back behind this one. */
  readonly replaces: BatchName | undefined;
  /** Segments that were put for this one. */
  readonly put: readonly SegmentName[];
  /** Those that the state before names, and this one does not: they go with it. */
  readonly dropped: readonly SegmentName[];
};
type SegmentName = Pick<SegmentRef, 'name' | 'chunks'>;
