/** How a batch's shards are doing, for its report. Decides nothing. */
import type { BatchBody, BlockSummary } from './model.ts';
import { isOpen, isWaiting, lastArrivalOf, type ShardCheckpoint } from './shard-checkpoint.ts';
import { nameOf, type ShardName } from './shard-name.ts';
import type { ShardResult, StopReason } from './shard-result.ts';

/**
 * reading      more is left to read
 * caught-up    read to its tip
 * waiting      for a parent that is not read to its end
 * drained      read to its end, in this batch
 * ended        read to where the pipeline's endingPosition lies
 * held         before an event that killed its executor, to be tried again
 * throttled    Kinesis refused calls, and would have gone on to
 * failed       its error is in the batch's `failedShards`
 * unchanged    its executor stored nothing of it: nothing came, or the task failed as a whole (`failedTasks`)
 */
export type ShardState =
  | 'reading'
  | 'caught-up'
  | 'waiting'
  | 'drained'
  | 'ended'
  | 'throttled'
  | 'held'
  | 'failed'
  | 'unchanged';

export type ShardProgress = ShardName & {
  readonly state: ShardState;
  readonly records: number;
  readonly events: number;
  readonly bytes: number;
  /** Of the last record ever read; null before the first. */
  readonly lastArrival: number | null;
  readonly millisBehindLatest: number;
  readonly calls: number;
  readonly throttles: number;
  /** Of one that failed: the name of its error. */
  readonly error?: string;
};

/** Reports are written in each batch, and a shard takes some 20 bytes of one. */
const mostIdleShards = 1_000;

/** Shards that ended in an earlier batch say nothing any more. */
export function reportShards(
  body: BatchBody,
  blocks: readonly BlockSummary[],
  known: ReadonlyMap<string, ShardCheckpoint>,
): readonly ShardProgress[] {
  const results = new Map(blocks.flatMap(({ shards }) => shards.map((result) => [result.shardId, result])));
  const failed = new Map(body.failedShards.map(({ shardId, error }) => [shardId, error]));
  const tellsOfIdle = body.shards.filter(isOpen).length <= mostIdleShards;
  return body.shards
    .filter((shard) => results.has(shard.shardId) || (tellsOfIdle ? isOpen(shard) : failed.has(shard.shardId)))
    .map((shard): ShardProgress => {
      const result = results.get(shard.shardId);
      const error = failed.get(shard.shardId);
      return {
        ...nameOf(shard),
        state: error !== undefined ? 'failed' : stateOf(shard, result, known),
        records: result?.records ?? 0,
        events: result?.events ?? 0,
        bytes: result?.bytes ?? 0,
        lastArrival: lastArrivalOf(shard),
        millisBehindLatest: result?.millisBehindLatest ?? 0,
        calls: result?.calls ?? 0,
        throttles: result?.throttles ?? 0,
        ...(error === undefined ? {} : { error }),
      };
    });
}

const stateAfter: Readonly<Record<StopReason, ShardState>> = {
  'caught-up': 'caught-up',
  'end-of-shard': 'drained',
  ended: 'ended',
  'budget-spent': 'reading',
  deadline: 'reading',
  throttled: 'throttled',
  held: 'held',
  failed: 'failed',
};

function stateOf(
  shard: ShardCheckpoint,
  result: ShardResult | undefined,
  known: ReadonlyMap<string, ShardCheckpoint>,
): ShardState {
  if (result !== undefined) return stateAfter[result.outcome.kind];
  return isWaiting(shard, known) ? 'waiting' : 'unchanged';
}
