/** Which state a key group goes on with, as a batch's body names it. */
import type { OpenEnds } from './open-ends.ts';

/** By key group; null: it has never had one. */
export type GroupStates = readonly (GroupState | null)[];

/** The state after the batch: of this batch if the group was reduced, else of the last one in which it was. */
export type GroupState = NamedState &
  OpenEnds & {
    /** Of a group that is reduced in this batch: the state before; absent if it had none. */
    readonly before?: NamedState;
  };

export type NamedState = {
  readonly batchId: number;
  readonly ref: number;
  /** Of the pipeline that saved it, if that was not the batch's. */
  readonly fingerprint?: string;
};
