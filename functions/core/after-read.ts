/** A shard from one batch to the next: how a read, or a loss, changes its checkpoint. */
import {
  type EndedShard,
  idleSinceOf,
  knownOf,
  lastArrivalOf,
  type OpenCheckpoint,
  readThroughOf,
  type ShardCheckpoint,
  waitsForOf,
} from './shard-checkpoint.ts';
import { measure } from './shard-load.ts';
import type { ShardResult } from './shard-result.ts';
import { advanceWatermark, type Instant, later, type WatermarkRules } from './watermark.ts';

/** Retention took what was left of it. */
export const lost = (shard: ShardCheckpoint): EndedShard => ({
  ...knownOf(shard),
  life: 'ended',
  readThrough: readThroughOf(shard),
  lastArrival: lastArrivalOf(shard),
});

/** What a checkpoint becomes of what an executor says of its shard. `known`: all shards, parents that ended before included. */
export function afterRead(
  before: OpenCheckpoint,
  result: ShardResult,
  rules: WatermarkRules | undefined,
  known: ReadonlyMap<string, ShardCheckpoint>,
): ShardCheckpoint {
  const quiet = { watermark: before.watermark, idleSince: idleSinceOf(before) };
  const { watermark, idleSince } = advanceWatermark(quiet, result, rules ?? { delayMs: 0, idleTimeoutMs: undefined });
  const load = measure(before.load, { ...result, records: Math.max(result.records, result.events) });
  const shard = { ...knownOf(before), watermark, load, ...memoryAfter(result) };
  const { outcome } = result;
  const lastArrival = result.lastArrival ?? lastArrivalOf(before);
  const openAt = later(openAtOf(before), result.openAt ?? null);
  // Of a shard that has ended only this is sure: its children hold what came since, and it may have been closed long ago.
  if (outcome.kind === 'end-of-shard')
    return { ...shard, life: 'ended', readThrough: later(lastArrival, openAt), lastArrival };
  const open = {
    ...shard,
    position: outcome.to,
    lastSubscribedAt: result.subscribedAt ?? before.lastSubscribedAt,
    ...(result.readableAt === undefined ? {} : { readableAt: result.readableAt }),
    ...(outcome.sentAhead === undefined ? {} : { sentAhead: outcome.sentAhead }),
  };
  const readThrough = readThroughAfter(before, result, known);
  if (readThrough === null) return { ...open, life: 'unread', waitsFor: waitsForOf(before), ...walked(result) };
  return {
    ...open,
    ...{ life: 'reading', readThrough, lastArrival, idleSince },
    ...(openAt === null ? {} : { openAt }),
    ...('endedAt' in outcome ? { endedAt: outcome.endedAt } : {}),
  };
}

const memoryAfter = ({ memory }: ShardResult) => (memory === undefined ? {} : { memories: [memory] });

const openAtOf = (shard: OpenCheckpoint): Instant => (shard.life === 'reading' ? (shard.openAt ?? null) : null);

const walked = (result: ShardResult): { readonly searchedThrough?: number } =>
  result.readThrough !== null || result.searchedThrough === undefined
    ? {}
    : { searchedThrough: result.searchedThrough };

/**
 * What a shard holds arrived after its parents were closed, so it is read through as far as they were. Far behind the tip
 * Kinesis's first answers may count from a time before it was opened.
 */
function readThroughAfter(
  before: OpenCheckpoint,
  { readThrough }: ShardResult,
  known: ReadonlyMap<string, ShardCheckpoint>,
): Instant {
  if (readThrough === null || before.life === 'reading') return later(readThroughOf(before), readThrough);
  return before.parents.reduce((latest: Instant, parent) => {
    const shard = known.get(parent);
    return later(latest, shard === undefined ? null : readThroughOf(shard));
  }, readThrough);
}
