/**
 * Polling a backlog as fast as Kinesis allows: 2 MB a second and shard, so that after an answer of 10 MiB a shard refuses
 * calls for five seconds.
 *
 * PACE-1 A batch is planned for the moment at which the first shard that has something left may be read again: neither
 *    later, which leaves quota unused, nor earlier, which is a turn for nothing.
 * PACE-2 From a plan to its first read it takes a while, so the plan comes earlier by that; executors wait for the rest.
 */

import { isOpen, type ShardCheckpoint } from './shard-checkpoint.ts';
import type { ShardResult } from './shard-result.ts';

/** From a plan to the reads of its tasks, as a rule. */
export const planLeadMs = 400;

type Left = { readonly outcome: Pick<ShardResult['outcome'], 'kind'>; readonly readableAt?: number };

/** When the first of what is left may be read; undefined if something may be read at once, or if nobody knows. */
export function readableFrom(results: readonly Left[]): number | undefined {
  const earliest = results
    .filter(isLeft)
    .map(whenReadable)
    .reduce((first, at) => Math.min(first, at), nobodyKnows);
  return earliest === atOnce || earliest === nobodyKnows ? undefined : earliest;
}

const atOnce = 0;
const nobodyKnows = Number.POSITIVE_INFINITY;

const isLeft = ({ outcome: { kind } }: Left): boolean =>
  kind === 'budget-spent' || kind === 'deadline' || kind === 'throttled';

/** Of a shard that others have read dry, nobody knows. */
const whenReadable = ({ outcome, readableAt }: Left): number =>
  readableAt ?? (outcome.kind === 'throttled' ? nobodyKnows : atOnce);

/** When to plan for a read at this time. */
export const planFor = (readableAt: number): number => readableAt - planLeadMs;

/** When the first of those that are not readable now may be read. Undefined: all are, as far as is known. */
export function readableNext(shards: readonly ShardCheckpoint[], now: number): number | undefined {
  const times = shards.map((shard) => (isOpen(shard) ? (shard.readableAt ?? 0) : 0)).filter((at) => at > now);
  return times.length === 0 ? undefined : times.reduce((first, at) => Math.min(first, at));
}
