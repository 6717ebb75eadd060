/**
 * At least five seconds between two subscriptions to a shard: before that Kinesis answers ResourceInUseException.
 *
 * SUBSCRIBE-1 Batches whose subscriptions are known are spaced by those. A turn that found nothing leaves none behind, so
 *    either all of its subscriptions began five seconds before the next turn, or it is written down like a batch with news.
 */
import type { BatchBody, PlannedTask } from './model.ts';
import { isOpen, type ShardCheckpoint } from './shard-checkpoint.ts';
import type { ShardResult } from './shard-result.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html */
export const minSubscribeGapMs = 5_000;
/** Who plans tells the time by another clock than who subscribed. */
const clockMarginMs = 250;
export const plannedGapMs = minSubscribeGapMs + clockMarginMs;
/** Shards that one executor subscribes to at the same time: as many as its client opens connections. */
export const subscriptionsAtOnce = 50;
/** From a plan to the subscriptions of its tasks, as a rule. */
const startMs = 1_000;
/** A trigger shorter than this would have every idle turn written down. */
const minTriggerMs = minSubscribeGapMs + startMs;

/** How long after its start a turn that found nothing is followed by the next. */
export const subscribingTriggerMs = (triggerMs: number): number => Math.max(triggerMs, minTriggerMs);

/** When all of these shards may be subscribed to again. */
export function subscribeAfter(shards: readonly ShardCheckpoint[]): number {
  return shards
    .filter(isOpen)
    .reduce((latest, { lastSubscribedAt: at }) => (at === null ? latest : Math.max(latest, at + plannedGapMs)), 0);
}

/**
 * When the batch after this one may subscribe. If a task failed, or stored no block in a batch that left something to
 * read, nobody knows when it subscribed: assume just now. (A batch that left nothing is followed at the trigger, which is
 * long enough: `subscribingTriggerMs`.)
 */
export function subscribeAfterBatch(body: BatchBody, now: number): number {
  if (body.consumerType === 'GetRecords') return 0;
  const isUntold = hasFailed(body) || (!body.caughtUp && body.tasksWithoutBlock > 0);
  return isUntold ? now + plannedGapMs : subscribeAfter(body.shards);
}

/**
 * Until then an execution does not hand over after the batch. Its successor plans at once, whatever the trigger says, and
 * knows of no subscription but those in the body. It need not wait past `nextPlan`, when this execution would subscribe
 * again itself.
 */
export function handOverAfterBatch(body: BatchBody, nextPlan: number, now: number): number {
  if (body.consumerType === 'GetRecords') return 0;
  const isUntold = hasFailed(body) || body.tasksWithoutBlock > 0;
  return isUntold ? Math.min(nextPlan, now + plannedGapMs) : 0;
}

const hasFailed = ({ failedTasks, failedShards, throttled }: BatchBody): boolean =>
  failedTasks > 0 || failedShards.length > 0 || throttled !== undefined;

/**
 * Whether a shard without news was subscribed to so late that the next turn would come within five seconds of it. Then
 * the subscription is written down, so that the next turn waits.
 */
export function isSubscribedTooLate(task: PlannedTask, { outcome, subscribedAt }: ShardResult): boolean {
  if (outcome.kind !== 'caught-up' || subscribedAt === null || task.nextTurnAt === null) return false;
  return subscribedAt + plannedGapMs > task.nextTurnAt;
}
