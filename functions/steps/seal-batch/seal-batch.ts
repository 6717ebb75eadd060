/** SealBatch: fixes what the batch contains, from the blocks that are stored; nobody's own results count. */

import { decideSeal } from '../../core/decide-seal.ts';
import { nothingReduced } from '../../core/driver.ts';
import { groupsToReduce } from '../../core/group-states.ts';
import { isUnfinished } from '../../core/head.ts';
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
  const head = await ports.head.load();
  if (head === undefined || head.epoch !== ref || head.holder?.owner !== run) return superseded;
  if (isUnfinished(head, { batchId, ref }))
    return afterSeal(input, runtime, began, await ports.seals.loadSealed(batchId, ref));

  const plan = await ports.plans.loadPlan(ref);
  const previous =
    plan.previous === null ? undefined : await ports.seals.loadBody(plan.previous.batchId, plan.previous.ref);
  const blocks = await ports.blocks.loadBlocks(batchId, ref, plan.taskCount);
  const { outcomes } = input;
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

  const { stream } = head.sources[mainSource];
  // Asked for after all reads: what is the same stream now was it then.
  if (mayBeOfAnotherStream(blocks.flatMap(({ shards }) => shards))) await checkStream(runtime, stream);
  const gathered = await ports.blocks.putKept(outcome.body, blocks);
  const content = gathered === undefined ? outcome.body : { ...outcome.body, gathered };
  const body = await ports.seals.putBody(content, previous);
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
