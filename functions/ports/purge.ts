/** What nobody can reach any more goes. */
import type { BatchName, FormerGroups } from '../core/model.ts';

/**
 * Deletes items of batches below `oldestRetainedBatch`, as many as there is time for; idempotent, by anyone, at any time. Not the state
 * of a key group that none has replaced up to there.
 */
export type Purge = (purge: {
  readonly oldestRetainedBatch: number;
  /** Batches below were purged already. */
  readonly from: number;
  /** States with a lower `ref` are of a pipeline that had this name before. */
  readonly createdAt: number;
  readonly parallelism: number;
  /** Of batches before `until` there may be items of other key groups. Absent: there are none. */
  readonly formerGroups?: FormerGroups | undefined;
  /** Tries of batches that do not count: nothing goes by their states, which are deleted. Absent: there are none. */
  readonly givenUp?: readonly BatchName[] | undefined;
  /** Of these tasks blocks that have expired are looked for, and with them plans and reports. None: nothing that has expired is. */
  readonly tasks: readonly number[];
  /** Epoch ms after which nothing more is looked for. */
  readonly deadline: number;
}) => Promise<{ readonly deleted: number; readonly purgedBelow: number }>;
