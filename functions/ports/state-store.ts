/** The state of a key group after a batch, in one item with the output of the batch: what is sent is what is stored. */
import type { BatchName } from '../core/model.ts';
import type { KeyGroupState } from '../core/reduction.ts';

export type StateName = BatchName & { readonly keyGroup: number };

export type StateStore = {
  /**
   * First write wins; returns the one that is stored. `replaces`: the group's state before, if it had one, which a purge
   * deletes once nobody can go back to it.
   */
  putState(state: KeyGroupState, replaces: BatchName | undefined): Promise<KeyGroupState>;
  /** MissingItem if it is absent. */
  loadState(keyGroup: number, batchId: number, ref: number): Promise<KeyGroupState>;
  /** Undefined: nobody has put one yet. */
  findState(keyGroup: number, batchId: number, ref: number): Promise<KeyGroupState | undefined>;
};
