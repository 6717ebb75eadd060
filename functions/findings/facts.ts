/** What findings are made from. Whoever loads them decides how much of it: a fact that is absent is not known. */
import type { Head } from '../core/model.ts';
import type { BatchProgress } from '../core/progress-report.ts';
import type { ShardCheckpoint } from '../core/shard-checkpoint.ts';
import type { Trouble } from '../core/trouble.ts';

/** What is wrong shows in so many of the last batches. */
export const batchesLookedAt = 12;

export type PipelineFacts = {
  readonly head: Head;
  /** Of the last committed batches, the newest first: `batchesLookedAt` of them are enough. A batch that found nothing has none. */
  readonly reports: readonly BatchProgress[];
  /** All shards as of the last committed batch. */
  readonly shards?: readonly ShardCheckpoint[];
  /** Notes of what keeps it up, whichever there are. */
  readonly troubles?: readonly Trouble[];
  /** Epoch milliseconds. */
  readonly now: number;
};
