/** Deletes what is known of shards' records and no retained batch names. */
import type { BatchName } from '../core/model.ts';
import type { MemoryChanges } from '../core/repeats/named-memory.ts';

export type MemoryPurge = {
  /** Before the commit of a batch: what its seal names for the first time, and no more. Of several tries of a batch the last one's counts; of a batch
   * without a note nothing is deleted. */
  noteChanges(batch: BatchName, changes: MemoryChanges): Promise<void>;
  /** Up to which batch all is deleted: `upTo`, or less if the time was over. */
  clear(batches: {
    readonly from: number;
    readonly upTo: number;
    /** Of so many tasks. */
    readonly tasks: number;
    /** Epoch milliseconds. */
    readonly deadline: number;
  }): Promise<number>;
};
