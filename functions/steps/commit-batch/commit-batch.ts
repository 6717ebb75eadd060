/** CommitBatch: makes the batch the truth with one conditional write, reports it, and decides how the turn ends. */
import { type BatchBody, formatVersion, type Head, type Progress } from '../../core/model.ts';
import { isWaiting } from '../../core/seal-batch.ts';
import { subscribeAfterBatch } from '../../core/subscription-pace.ts';
import { decideTurn, leaseAfterCommit, mustCloseWindows, pauseMs, type TurnDecision } from '../../core/turn.ts';
import type { BatchState, CommitBatchInput } from '../messages.ts';
import type { Runtime } from '../runtime.ts';

/** Per commit at least this many, and twice what a batch of this size leaves: a purge that fell behind catches up. */
const minPurgedItems = 100;
/** A commit has five seconds in all; what is left over goes with the next. */
const purgeMs = 1_500;

export async function commitBatch(input: CommitBatchInput, runtime: Runtime): Promise<BatchState> {
  const { ports, pipeline, log } = runtime;
  const { batchId, ref, epoch, turn, run } = input;
  const now = ports.clock.now();
  const body = await ports.batches.loadBody(batchId, ref);
  const head = await ports.head.load();
  if (head === undefined || head.epoch !== epoch || head.owner !== run)
    return { next: 'done', turn, reason: 'superseded' };

  const { caughtUp } = body;
  const waitUntil = nextPlan(body, Date.parse(input.waitUntil), now);
  const decision = decideEnd(input, runtime, head, body, caughtUp, now);
  // Written before the commit, so that a committed batch always has its report.
  await ports.batches.putProgress(progressOf(runtime, input, body, now));
  const committed = await ports.head.commit({
    batchId,
    ref,
    epoch,
    owner: run,
    leaseUntil: decision.kind === 'go-on' ? leaseAfterCommit(input.timing, now, waitUntil) : 0,
    horizon: Math.max(head.horizon, batchId - pipeline.minBatchesToRetain + 1),
  });
  if (committed.kind === 'lost') return { next: 'done', turn, reason: 'superseded' };
  // An earlier try of this commit may have decided to go on, and its answer was lost.
  if (decision.kind !== 'go-on' && committed.head.leaseUntil > 0) await ports.head.release(epoch, run);
  log.info('committed', { batchId, ref, ...body.counters });
  await purgeBelow(runtime, committed.head, body);
  return stateAfter(decision, { turn, caughtUp, waitUntil, now });
}

/** A backlog is worked off at once. What fails waits for the trigger like everything else, and for a pause at least. */
function nextPlan(body: BatchBody, trigger: number, now: number): number {
  const due = Math.max(now, subscribeAfterBatch(body, now));
  if (body.backlog) return due;
  return Math.max(trigger, body.caughtUp ? due : Math.max(due, now + pauseMs));
}

function decideEnd(
  input: CommitBatchInput,
  { pipeline }: Runtime,
  head: Head,
  body: BatchBody,
  caughtUp: boolean,
  now: number,
): TurnDecision {
  const { request, timing, turn } = input;
  const isFinished = body.kind === 'close-windows';
  return decideTurn({
    request,
    timing,
    turn,
    now,
    startedAt: Date.parse(input.startedAt),
    createdAt: head.generation,
    control: head.control,
    committedBatch: body.batchId,
    caughtUp: caughtUp || isFinished,
    triggerMs: pipeline.trigger.everyMs,
    stopWhenIdleMs: pipeline.trigger.stopWhenIdleMs,
    lastDeliveryAt: body.lastDeliveryAt,
    mustCloseWindows: mustCloseWindows(request, body),
  });
}

function stateAfter(
  decision: TurnDecision,
  { turn, caughtUp, waitUntil, now }: { turn: number; caughtUp: boolean; waitUntil: number; now: number },
): BatchState {
  if (decision.kind === 'done') return { next: 'done', turn, reason: decision.reason };
  if (decision.kind === 'continue-as-new') return { next: 'continue-as-new', turn };
  if (waitUntil <= now) return { next: 'plan', turn, caughtUp };
  return { next: 'wait', turn, caughtUp, waitUntil: new Date(waitUntil).toISOString() };
}

function progressOf({ pipeline }: Runtime, input: CommitBatchInput, body: BatchBody, now: number): Progress {
  const known = new Map(body.shards.map((shard) => [shard.shardId, shard]));
  const ended = body.shards.filter((shard) => shard.position.kind === 'shard-end').length;
  const waiting = body.shards.filter((shard) => shard.position.kind !== 'shard-end' && isWaiting(shard, known)).length;
  const emitted = input.emitted.reduce((sum, group) => sum + group.emitted, 0);
  return {
    v: formatVersion,
    pipeline: pipeline.name,
    batchId: body.batchId,
    ref: body.ref,
    generation: body.generation,
    kind: body.kind,
    consumerType: body.consumerType,
    committedAt: now,
    counters: pipeline.aggregation === undefined ? body.counters : { ...body.counters, emitted },
    records: body.records,
    bytes: body.bytes,
    shards: {
      read: body.shardsRead,
      open: body.shards.length - ended,
      ended,
      waiting,
      failed: body.failedShards.length,
    },
    failedTasks: body.failedTasks,
    millisBehindLatest: body.millisBehindLatest,
    watermark: body.watermarkOut,
    dataLoss: body.dataLoss,
  };
}

/** Never fails a batch that is committed: what is not deleted now is deleted after the next commit. */
async function purgeBelow({ pipeline, ports, log }: Runtime, head: Head, body: BatchBody): Promise<void> {
  if (head.horizon <= head.purgedBelow) return;
  try {
    const { horizon, parallelism, purgedBelow: from } = head;
    const ofOneBatch = (body.blocks.length + 1) * (parallelism + 1);
    const maxItems = Math.max(minPurgedItems, 2 * ofOneBatch);
    const deadline = ports.clock.now() + purgeMs;
    const tasks = Math.max(
      Math.ceil(body.shards.length / pipeline.shardsPerTask),
      ...body.blocks.map(({ task }) => task + 1),
    );
    const { deleted, purgedBelow } = await ports.purge({ horizon, from, parallelism, tasks, maxItems, deadline });
    if (purgedBelow > from) await ports.head.setPurgedBelow(purgedBelow);
    log.info('purged', { deleted, purgedBelow });
  } catch (error) {
    log.warn('purge failed', { error: error instanceof Error ? error.name : 'unknown' });
  }
}
