/**
 * Whether a read is worth a block. An idle batch costs no write.
 *
 * WORTH-1 Nor does an idle shard of many that are read together: of those the block has what there is to tell of. What it leaves out is caught up, and
 *    as it would be in a task that stores no block.
 */
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { PlannedShard, PlannedTask } from '../model.ts';
import { isSamePosition } from '../position.ts';
import type { SentPlaces } from '../sent-places.ts';
import { idleSinceOf, readThroughOf, searchedThroughOf } from '../shard-checkpoint.ts';
import type { ShardResult } from '../shard-result.ts';
import { isSubscribedTooLate } from '../subscription-pace.ts';
import { advanceWatermark, watermarkRulesOf } from '../watermark.ts';

type Read = {
  readonly pipeline: Pipeline;
  readonly task: PlannedTask;
  readonly shard: PlannedShard;
  readonly result: ShardResult;
};

/** Each is enough. */
const reasons: Readonly<Record<string, (read: Read) => boolean>> = {
  delivered: ({ result }) => result.records > 0,
  over: ({ result }) => result.outcome.kind === 'end-of-shard' || result.outcome.kind === 'ended',
  'new shard': ({ shard }) => shard.isNew,
  'sent ahead': ({ shard, result: { outcome } }) =>
    outcome.kind !== 'end-of-shard' &&
    outcome.sentAhead !== undefined &&
    !isSameRuns(outcome.sentAhead, shard.sentAhead),
  'subscribed too late': ({ task, result }) => isSubscribedTooLate(task, result),
  'due again': ({ task, shard, result }) =>
    (result.readThrough ?? 0) - (readThroughOf(shard) ?? 0) >= task.refreshAfterMs,
  // A long empty stretch takes several reads to cross, so each that gets further is stored. So is an exact place behind
  // records that were read before: the next read begins there, and can prove the tip.
  'crossed an empty stretch': ({ shard, result }) =>
    result.tipTime === null && (hasLeft(shard, result) || hasWalked(shard, result)),
  'may close a window': mayCloseAWindow,
};

export const hasMoved = (pipeline: Pipeline, task: PlannedTask, shard: PlannedShard, result: ShardResult): boolean =>
  Object.values(reasons).some((holds) => holds({ pipeline, task, shard, result }));

/** Where nobody says it. */
const defaultFewShards = 32;

/**
 * Of the reads of one task, those that its block has. `isCutOff`: some had no turn, so it is written down who had. `fewShards`: a block of no more
 * has all of them.
 */
export function worthTelling<Each extends Pick<Read, 'shard' | 'result'>>(
  pipeline: Pipeline,
  task: PlannedTask,
  reads: readonly Each[],
  { isCutOff, fewShards = defaultFewShards }: { readonly isCutOff: boolean; readonly fewShards?: number | undefined },
): readonly Each[] {
  // By fan-out the next subscription waits for what is told of the last one.
  if (reads.length <= fewShards || isCutOff || task.consumerArn !== null) return reads;
  return reads.filter(({ shard, result }) => !isIdle(result) || hasMoved(pipeline, task, shard, result));
}

const isIdle = ({ outcome, dataLoss, readableAt }: ShardResult): boolean =>
  outcome.kind === 'caught-up' && dataLoss === null && readableAt === undefined;

const hasLeft = ({ position }: PlannedShard, { outcome }: ShardResult): boolean =>
  outcome.kind === 'end-of-shard' || !isSamePosition(position, outcome.to);

const hasWalked = (shard: PlannedShard, result: ShardResult): boolean =>
  result.readThrough === null && (result.searchedThrough ?? 0) > (searchedThroughOf(shard) ?? 0);

function mayCloseAWindow({ pipeline, task, shard, result }: Read): boolean {
  const rules = watermarkRulesOf(pipeline);
  if (result.tipTime === null || task.nextWindowClose === null || rules === undefined) return false;
  const idleSince = idleSinceOf(shard);
  if (idleSince === null) return true;
  const { watermark } = advanceWatermark({ watermark: shard.watermark, idleSince }, result, rules);
  return (
    watermark !== null &&
    watermark >= task.nextWindowClose &&
    (shard.watermark === null || shard.watermark < task.nextWindowClose)
  );
}

const isSameRuns = (one: readonly SentPlaces[], other: readonly SentPlaces[] | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
