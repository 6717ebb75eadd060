/**
 * PlanBatch: takes the next epoch and says what the turn does: read, close windows, resume a sealed batch, or end.
 *
 * Reads and writes, in this order: head; claim (conditional); committed body; listing; plan items. Nothing after the
 * claim is decided from what was read before it.
 */
import { type KnownOutput, problemOfKept } from '../../core/detached.ts';
import { nothingReduced } from '../../core/driver.ts';
import { SluiceError } from '../../core/errors.ts';
import { groupsToReduce } from '../../core/group-states.ts';
import { nextBatchId, unfinished } from '../../core/head.ts';
import type { BatchName, Head } from '../../core/model.ts';
import { retentionStartAfter } from '../../core/shard-lineage.ts';
import { markOf } from '../../core/step-times.ts';
import { decideClaim, foundNothingToDo, leaseAfterPlan, nextTrigger } from '../../core/turn.ts';
import { inWaves } from '../../core/waves.ts';
import { fingerprintMessage, goesOn } from '../../pipeline/fingerprint-change.ts';
import { isFromOutbox } from '../../pipeline/outputs.ts';
import { mainSource } from '../../pipeline/sources.ts';
import type { BatchState, EndReason, PlanBatchInput } from '../messages.ts';
import { checkStream } from '../same-stream.ts';
import { isDriverOver, orSuperseded } from '../superseded.ts';
import { claimHead } from './claim-head.ts';
import { createHead } from './create-head.ts';
import { refuseFailing } from './failing.ts';
import { isCaughtUp, withoutSurplus } from './last-turn.ts';
import type { PlanRuntime } from './plan-runtime.ts';
import { planTurn } from './plan-turn.ts';
import { triggerOf } from './read-decision.ts';
import { nextRunBound } from './run-bound.ts';
import type { Times } from './write-plan.ts';

export async function planBatch(given: PlanBatchInput, runtime: PlanRuntime): Promise<BatchState> {
  const { ports, pipeline, heartbeat } = runtime;
  const input = withoutSurplus(given);
  const state = await planOrEnd(input, runtime);
  if (foundNothingToDo(isCaughtUp(input), state)) heartbeat?.(pipeline.name, ports.clock.now());
  return state;
}

async function planOrEnd(input: PlanBatchInput, runtime: PlanRuntime): Promise<BatchState> {
  const { ports, pipeline } = runtime;
  const { turn } = input.batch;
  const now = ports.clock.now();
  const seen = (await ports.head.load()) ?? (await createHead(runtime));
  refuseChanged(seen, pipeline);
  const failing = refuseFailing(input, seen, now);
  const decision = decideClaim(seen, input.run, turn, now);
  if (decision.kind === 'done') return done(turn, decision.reason);

  const waitUntil = nextTrigger({ request: input.request, turnStartedAt: now, triggerMs: triggerOf(pipeline) });
  const { listedAt, stream } = seen.sources[mainSource];
  // Before the first commit nothing else knows the shards.
  const isNew = seen.committed === undefined || listedAt === undefined;
  const isListingDue = isNew || now - listedAt >= pipeline.source.describeShardIntervalMs;
  // A resumed batch lists nothing.
  const mustList = isListingDue && unfinished(seen) === undefined;
  // A stream is made anew, and its retention changed, while an execution of hours runs, too.
  const described = turn === 0 || mustList ? await checkStream(runtime, stream) : undefined;
  const { retentionMs } = described?.stream ?? stream;
  const head = await claimHead(runtime, seen, {
    owner: input.run,
    execution: input.executionId,
    leaseUntil: leaseAfterPlan(input.timing, now, waitUntil),
    outputs: pipeline.outputs.map(knownOutput),
    ...(seen.fingerprint === runtime.pipeline.fingerprint ? {} : { fingerprint: runtime.pipeline.fingerprint }),
    source: {
      listedAt: mustList ? now : undefined,
      retentionMs,
      retentionStart: retentionStartAfter(stream, retentionMs, now),
      runBound: turn === 0 ? await nextRunBound(runtime, seen, described?.serverTime) : undefined,
    },
  });
  if (head === undefined) return done(turn, turn > 0 ? 'superseded' : 'another-driver');
  const began = markOf('plan', input, now);
  const times = { turn: turn + 1, waitUntil: new Date(waitUntil).toISOString(), failing, began };
  const left = unfinished(head);
  const plan = () =>
    left === undefined
      ? planTurn(input, runtime, { head, now, mustList, waitUntil, times })
      : resume(input, runtime, { epoch: head.epoch, batch: left }, times);
  return orSuperseded(runtime, plan, {
    isOver: (current, then) => isDriverOver(current, { epoch: head.epoch }, then),
    answer: done(turn, 'superseded'),
  });
}

function refuseChanged(seen: Head, pipeline: PlanRuntime['pipeline']): void {
  const { fingerprint, newAggregates, outputs } = pipeline;
  // A batch that is sealed is finished by whatever code: nothing of an output that is detached is opened.
  const kept = unfinished(seen) === undefined ? problemOfKept(seen, outputs, nextBatchId(seen)) : undefined;
  if (kept !== undefined) throw new SluiceError('InvalidPipeline', kept);
  if (!goesOn(seen.fingerprint, fingerprint, newAggregates))
    throw new SluiceError('FingerprintChanged', fingerprintMessage(seen.fingerprint, fingerprint, newAggregates));
  if (outputs.some(isFromOutbox) && seen.parallelism !== pipeline.parallelism) {
    throw new SluiceError('FingerprintChanged', parallelismMessage(seen.parallelism, pipeline.parallelism));
  }
}

const knownOutput = ({ id, sent, files }: PlanRuntime['pipeline']['outputs'][number]): KnownOutput => ({
  ...{ id, sent },
  ...(files === undefined ? {} : { files: true }),
});

const parallelismMessage = (saved: number, current: number): string =>
  `parallelism: ${current} is not allowed; the saved state is split into ${saved} key groups. ` +
  `Use ${saved}, or divide it anew with \`npx sluice repartition <file> --groups ${current}\`.`;

const done = (turn: number, reason: EndReason): BatchState => ({ next: 'done', turn, reason });

async function resume(
  { timing }: PlanBatchInput,
  { ports }: PlanRuntime,
  { epoch, batch }: { readonly epoch: number; readonly batch: BatchName },
  { turn, waitUntil }: Times,
): Promise<BatchState> {
  const body = await ports.seals.loadSealed(batch.batchId, batch.ref);
  // Also those that are done: their reducers find so, and what they sent is counted.
  const keyGroups = groupsToReduce(body);
  return {
    next: keyGroups.length === 0 ? 'commit' : 'reduce',
    epoch,
    batchId: body.batchId,
    ref: body.ref,
    keyGroups: inWaves(keyGroups, timing.groupsInWave),
    reduced: nothingReduced,
    again: true,
    steps: [],
    turn,
    waitUntil,
  };
}
