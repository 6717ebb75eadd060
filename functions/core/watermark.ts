/**
 * The watermark: the event time before which no more events are expected.
 *
 * WATERMARK-1 A shard's watermark is raised only by what it proved: an event it delivered, or its tip at a Kinesis time.
 * WATERMARK-2 The watermark never goes back within a timeline.
 * WATERMARK-3 No shard is left out of the minimum unless it has ended; a child stands in for its parents from the seal in
 *    which they end.
 * WATERMARK-4 Each has a date: no window ends before the first date there is, so a mark before that would say no more.
 *
 * `null` is minus infinity: nothing is known yet.
 */

import type { PipelineOutline } from '../pipeline/outline.ts';
import { endOfTime } from './end-of-time.ts';
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

export type WatermarkRules = { readonly delayMs: number; readonly idleTimeoutMs: number | undefined };

/** No executor reads for longer, whatever its time-out may be. */
const longestReadMs = 40_000;

/** What a shard's watermark becomes after a read: see WATERMARK-1. */
export function advanceWatermark(
  shard: { readonly watermark: Instant; readonly idleSince: number | null },
  read: Read,
  rules: WatermarkRules,
): { readonly watermark: Instant; readonly idleSince: number | null } {
  if (read.maxEventTime !== null) {
    const mark = Math.max(read.maxEventTime - rules.delayMs, -endOfTime);
    return { watermark: later(shard.watermark, mark), idleSince: quietAfter(read) };
  }
  // No event time: a read that delivered nothing, or only dead letters and events filtered before `withWatermark`, counts
  // as idle.
  if (read.tipTime === null) return { watermark: shard.watermark, idleSince: shard.idleSince };
  const idleSince = shard.idleSince ?? read.tipTime;
  const isIdle = rules.idleTimeoutMs !== undefined && read.tipTime - idleSince >= rules.idleTimeoutMs;
  return { watermark: isIdle ? later(shard.watermark, read.tipTime - rules.delayMs) : shard.watermark, idleSince };
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

/** Least watermark of the shards that have not ended, never below `previous`. */
export function watermarkOf(shards: readonly ShardCheckpoint[], previous: Instant): Instant {
  let least: Instant | undefined;
  for (const shard of shards) {
    if (hasEnded(shard)) continue;
    least = least === undefined ? shard.watermark : earlier(least, shard.watermark);
  }
  return later(previous, least ?? null);
}

/** Of a batch. One that sends what was kept moves nothing. */
export function watermarkBehind(kind: string, shards: readonly ShardCheckpoint[], before: Instant): Instant {
  if (kind === 'attach') return before;
  return kind === 'close-windows' ? endOfTime : watermarkOf(shards, before);
}

/** What a pipeline says of watermarks; undefined without event time. */
export function watermarkRulesOf(pipeline: Pick<PipelineOutline, 'operations'>): WatermarkRules | undefined {
  for (const operation of pipeline.operations) {
    if (operation.kind === 'watermark') return operation.eventTime;
  }
  return undefined;
}
