/**
 * The watermark: the event time before which no more events are expected.
 *
 * WATERMARK-1 A mark is raised only by what its shard proved: an event it delivered, or its tip at a Kinesis time.
 * WATERMARK-2 The watermark never goes back within a timeline.
 * WATERMARK-3 No shard is left out of the minimum unless it has ended; a child stands in for its parents from the seal in
 *    which they end.
 *
 * `null` is minus infinity: nothing is known yet.
 */

import type { PipelineOutline } from '../pipeline/outline.ts';
import { hasEnded, type ShardCheckpoint } from './shard-checkpoint.ts';

export type Instant = number | null;

export function later(one: Instant, other: Instant): Instant {
  if (one === null) return other;
  if (other === null) return one;
  return Math.max(one, other);
}

export function earlier(one: Instant, other: Instant): Instant {
  if (one === null || other === null) return null;
  return Math.min(one, other);
}

export type MarkRules = { readonly delayMs: number; readonly idleTimeoutMs: number | undefined };

/** No executor reads for longer, whatever its time-out may be. */
const longestReadMs = 40_000;

/** What a shard's mark becomes after a read: see WATERMARK-1. */
export function advanceMark(
  shard: { readonly mark: Instant; readonly quietSince: number | null },
  read: Read,
  rules: MarkRules,
): { readonly mark: Instant; readonly quietSince: number | null } {
  if (read.maxEventTime !== null) {
    return { mark: later(shard.mark, read.maxEventTime - rules.delayMs), quietSince: quietAfter(read) };
  }
  // No event time: a read that delivered nothing, or only dead letters and events filtered before `withWatermark`, counts
  // as idle.
  if (read.tipTime === null) return { mark: shard.mark, quietSince: shard.quietSince };
  const quietSince = shard.quietSince ?? read.tipTime;
  const isIdle = rules.idleTimeoutMs !== undefined && read.tipTime - quietSince >= rules.idleTimeoutMs;
  return { mark: isIdle ? later(shard.mark, read.tipTime - rules.delayMs) : shard.mark, quietSince };
}

type Read = {
  readonly maxEventTime: number | null;
  readonly tipTime: number | null;
  readonly lastArrival: number | null;
  readonly subscribedAt: number | null;
};

/**
 * Since when the shard is quiet. A subscription proves that the shard was at its tip when it began, and the records that
 * it brought may have arrived later: the quiet begins after the last of them. An arrival stamp can be ahead of the clock,
 * so it counts for no more than the longest read after that tip.
 */
function quietAfter({ tipTime, lastArrival, subscribedAt }: Read): number | null {
  if (tipTime === null || subscribedAt === null || lastArrival === null) return tipTime;
  return Math.max(tipTime, Math.min(lastArrival, tipTime + longestReadMs));
}

/** Least mark of the shards that have not ended, never below `previous`. */
export function watermarkOf(shards: readonly ShardCheckpoint[], previous: Instant): Instant {
  let least: Instant | undefined;
  for (const shard of shards) {
    if (hasEnded(shard)) continue;
    least = least === undefined ? shard.mark : earlier(least, shard.mark);
  }
  return later(previous, least ?? null);
}

/** The mark rules of a pipeline; undefined without event time. */
export function markRulesOf(pipeline: Pick<PipelineOutline, 'operations'>): MarkRules | undefined {
  for (const operation of pipeline.operations) {
    if (operation.kind === 'watermark') return operation.eventTime;
  }
  return undefined;
}
