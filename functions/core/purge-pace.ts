/**
 * When a commit purges. Most of what a purge costs is looking into partitions in which a batch has left little: what several batches have left is
 * found by the same queries as what one has.
 *
 * PURGE-DUE-1 What is below the oldest retained batch is at most `batchesAtOnce` batches, where the purge keeps up.
 * PURGE-DUE-2 Who retains few batches wants little stored: then each commit purges.
 * PURGE-DUE-3 Once what was kept for long is let go there may be thousands: one purge is of so many at most, whose states it has in memory.
 * EXPIRED-1 Of what has expired TTL takes nearly all, for nothing. So only a wide purge looks for it, of blocks for those of a few tasks, and the next
 *    time for those of the next ones.
 */
import type { Head } from './model.ts';

const mostAtOnce = 8;

export const batchesAtOnce = (minBatchesToRetain: number): number =>
  Math.max(1, Math.min(mostAtOnce, Math.floor(minBatchesToRetain / 5)));

export const mostBatchesAtOnce = 200;

type Below = Pick<Head, 'oldestRetainedBatch' | 'purgedBelow'>;

export const isPurgeDue = ({ oldestRetainedBatch, purgedBelow }: Below, minBatchesToRetain: number): boolean =>
  oldestRetainedBatch - purgedBelow >= batchesAtOnce(minBatchesToRetain);

/** Each partition costs a query: where there is seldom anything, it is looked at once in so many batches. */
const wideEvery = 16;

/** Of whose blocks a wide purge looks for some that have expired (EXPIRED-1). */
const tasksAtOnce = 4;

export function tasksToLookAt({ oldestRetainedBatch }: Pick<Below, 'oldestRetainedBatch'>, maxTasks: number): number[] {
  const first = Math.ceil(oldestRetainedBatch / wideEvery) * tasksAtOnce;
  return Array.from({ length: Math.min(tasksAtOnce, maxTasks) }, (_, at) => (first + at) % maxTasks);
}

/** One of the batches that a purge is of is the one in so many. */
export const isWidePurge = ({ oldestRetainedBatch, purgedBelow }: Below): boolean =>
  Math.ceil(oldestRetainedBatch / wideEvery) > Math.ceil(purgedBelow / wideEvery);
