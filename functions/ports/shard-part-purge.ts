/** Deletes parts of the checkpoints of many shards that no retained batch names. */
import type { BatchName } from '../core/model.ts';
import type { PartChanges } from '../core/shard-parts.ts';

export type ShardPartPurge = {
  /** Before the commit of a batch: what its seal has put, and what it names no more. Of several tries of a batch the last one's counts. */
  noteChanges(batch: BatchName, changes: PartChanges): Promise<void>;
  /** By the notes of all batches below this one, as far as there is time. */
  clear(below: {
    readonly oldestRetainedBatch: number;
    /** Epoch milliseconds. */
    readonly deadline: number;
  }): Promise<void>;
};
