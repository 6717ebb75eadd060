/** The state of a key group after a batch, in one item with the output of the batch: what is sent is what is stored. */
import type { KeyGroupState } from '../core/reduce-key-group.ts';

export type StateName = { readonly keyGroup: number; readonly batchId: number; readonly ref: number };

export type StateStore = {
  /** First write wins; returns the one that is stored. */
  putState(state: KeyGroupState): Promise<KeyGroupState>;
  /** MissingItem if it is absent. */
  loadState(keyGroup: number, batchId: number, ref: number): Promise<KeyGroupState>;
  /** Undefined: nobody has put one yet. */
  findState(keyGroup: number, batchId: number, ref: number): Promise<KeyGroupState | undefined>;
};
