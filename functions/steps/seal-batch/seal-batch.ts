/**
 * SealBatch: fixes what the batch contains, from the blocks that are stored; nobody's own results count.
 *
 * STILL-1 Whether it is still this driver's batch is asked by the one write of the head, and not before: until then nothing is stored that counts. A try
 *    that comes again finds the body of the first one, and that the head names it.
 */

import { decideSeal } from '../../core/decide-seal.ts';
import { nothingReduced } from '../../core/driver.ts';
import { groupsToReduce } from '../../core/group-states.ts';
import type { SealedBatch } from '../../core/model.ts';
import { versionRulesOf } from '../../core/sealed-versions.ts';
import { hasEnded } from '../../core/shard-checkpoint.ts';
import { markOf, marksAfter, type StepMark } from '../../core/step-times.ts';
import { mayBeOfAnotherStream } from '../../core/told-apart.ts';
import { leaseAfterSeal } from '../../core/turn.ts';
import { watermarkRulesOf } from '../../core/watermark.ts';
import { mainSource } from '../../pipeline/sources.ts';
import type { BatchState, SealBatchInput } from '../messages.ts';
import { checkStream } from '../same-stream.ts';
import { isDriverOver, orSuperseded } from '../superseded.ts';
import type { SealRuntime } from './seal-runtime.ts';

export async function sealBatch(input: SealBatchInput, runtime: SealRuntime): Promise<BatchState> {
  const superseded: BatchState = { next: 'done', turn: input.turn, reason: 'superseded' };
  return orSuperseded(runtime, () => sealWhatIsStored(input, runtime, superseded), {
    isOver: (head, now) => isDriverOver(head, input, now),
    answer: superseded,
  });
}

async function sealWhatIsStored(
  input: SealBatchInput,
  runtime: SealRuntime,
  superseded: BatchState,
): Promise<BatchState> {
  const { ports, pipeline, log } = runtime;
  const { batchId, epoch: ref, turn, waitUntil, run } = input;
  const began = markOf('seal', input, ports.clock.now());
  const { outcomes } = input;
  const plan = await ports.plans.loadPlan(ref, input.plan);
  const [previous, blocks] = await Promise.all([
    plan.previous === null ? undefined : ports.seals.loadBody(plan.previous.batchId, plan.previous.ref),
    ports.blocks.loadBlocks(batchId, ref, plan.taskCount),
  ]);
  const outcome = decideSeal(
    plan,
    previous,
    { blocks, outcomes },
    {
      watermarks: watermarkRulesOf(pipeline),
      window: pipeline.aggregation?.window,
      gives: pipeline.aggregation && versionRulesOf(pipeline.aggregation),
      deduplicates: pipeline.source.deduplicate !== undefined,
    },
  );
  if (outcome.kind === 'nothing-moved') {
    // Without a single shard left to read there is nothing to catch up with.
    const isOver = previous?.shards.every(hasEnded) ?? false;
    const caughtUp = plan.taskCount === 0 && isOver;
    return { next: 'wait', turn, caughtUp, waitUntil };
  }

  // Asked for after all reads: what is the same stream now was it then.
  if (mayBeOfAnotherStream(blocks.flatMap(({ shards }) => shards))) {
    const head = await ports.head.load();
    if (head === undefined || isDriverOver(head, input, ports.clock.now())) return superseded;
    await checkStream(runtime, head.sources[mainSource].stream);
  }
  const kept = await ports.blocks.putKept(outcome.body, blocks);
  const body = await ports.seals.putBody({ ...outcome.body, ...kept }, previous);
  const sealed = await ports.head.seal({ batchId, ref }, run, leaseAfterSeal(input.timing, ports.clock.now()));
  if (sealed.kind === 'lost') return superseded;
  log.info('sealed', { batchId, ref, blocks: body.blocks.length, read: body.counters.read });
  return afterSeal(input, runtime, began, body);
}

function afterSeal(input: SealBatchInput, { ports }: SealRuntime, began: StepMark, body: SealedBatch): BatchState {
  const keyGroups = groupsToReduce(body);
  const reduces: readonly StepMark[] = keyGroups.length === 0 ? [] : [{ step: 'reduce', at: ports.clock.now() }];
  return {
    next: keyGroups.length === 0 ? 'commit' : 'reduce',
    turn: input.turn,
    epoch: input.epoch,
    batchId: body.batchId,
    ref: body.ref,
    keyGroups,
    reduced: nothingReduced,
    again: false,
    steps: marksAfter(input.steps ?? [], began, ...reduces),
    waitUntil: input.waitUntil,
  };
}
