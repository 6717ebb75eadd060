/**
 * SealBatch: fixes what the batch contains, from the blocks that are stored; nobody's own results count.
 *
 * STILL-1 Whether it is still this driver's batch is asked by the one write of the head, and not before: until then nothing is stored that counts. A try
 *    that comes again finds the body of the first one, and that the head names it.
 */

import { decideSeal, type SealRules } from '../../core/decide-seal.ts';
import { nothingReduced } from '../../core/driver.ts';
import { groupsToReduce } from '../../core/group-states.ts';
import { isUnfinished } from '../../core/head.ts';
import type { BlockSummary, Head, PlanRecord, SealedBatch } from '../../core/model.ts';
import { versionRulesOf } from '../../core/sealed-versions.ts';
import { hasEnded } from '../../core/shard-checkpoint.ts';
import { markOf, marksAfter, type StepMark } from '../../core/step-times.ts';
import { mayBeOfAnotherStream } from '../../core/told-apart.ts';
import { leaseAfterSeal } from '../../core/turn.ts';
import { watermarkRulesOf } from '../../core/watermark.ts';
import { inWaves } from '../../core/waves.ts';
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
  const { batchId, epoch: ref, turn, waitUntil } = input;
  const began = markOf('seal', input, ports.clock.now());
  const plan = await ports.plans.loadPlan(ref, input.plan);
  const outcomes = input.outcomes.slice(0, plan.taskCount);
  const [previous, stored, head] = await Promise.all([
    plan.previous === null ? undefined : ports.seals.loadBody(plan.previous.batchId, plan.previous.ref),
    ports.blocks.loadBlocks(batchId, ref, plan.taskCount),
    plan.redrive === undefined ? undefined : ports.head.load(),
  ]);
  if (head !== undefined && isUnfinished(head, { batchId, ref }))
    return afterSeal(input, runtime, began, await ports.seals.loadSealed(batchId, ref));
  const blocks = withoutCalledOff(plan, head, stored);
  const outcome = decideSeal(plan, previous, { blocks, outcomes }, rulesOf(pipeline));
  if (outcome.kind === 'nothing-moved') {
    // Without a single shard left to read there is nothing to catch up with.
    const isOver = previous?.shards.every(hasEnded) ?? false;
    const caughtUp = plan.taskCount === 0 && isOver;
    return { next: 'wait', turn, caughtUp, waitUntil };
  }

  // Asked for after all reads: what is the same stream now was it then.
  if (mayBeOfAnotherStream(blocks.flatMap(({ shards }) => shards))) {
    const now = await ports.head.load();
    if (now === undefined || isDriverOver(now, input, ports.clock.now())) return superseded;
    await checkStream(runtime, now.sources[mainSource].stream);
  }
  const kept = await ports.blocks.putKept(outcome.body, blocks);
  const body = await ports.seals.putBody({ ...outcome.body, ...kept }, previous);
  const sealed = await seal(input, runtime, { plan, head, body });
  if (sealed !== 'sealed') return sealed === 'called-off' ? againAtOnce(input, runtime) : superseded;
  log.info('sealed', { batchId, ref, blocks: body.blocks.length, read: body.counters.read });
  return afterSeal(input, runtime, began, body);
}

/** REDRIVE-4: in the condition is the request that the head was seen with. `head`: of a plan that has letters. */
async function seal(
  input: SealBatchInput,
  { ports }: SealRuntime,
  { plan, head, body }: { readonly plan: PlanRecord; readonly head: Head | undefined; readonly body: SealedBatch },
): Promise<'sealed' | 'called-off' | 'superseded'> {
  const seen = body.redriven === undefined ? undefined : head;
  // A try before has put the body, and has not sealed it.
  if (seen !== undefined && isCalledOff(plan, seen)) return 'called-off';
  const leaseUntil = leaseAfterSeal(input.timing, ports.clock.now());
  const { kind, head: now } = await ports.head.seal(body, input.run, leaseUntil, seen?.redrive);
  if (kind === 'updated') return 'sealed';
  return now !== undefined && isStill(now, input) && isCalledOff(plan, now) ? 'called-off' : 'superseded';
}

const rulesOf = (pipeline: SealRuntime['pipeline']): SealRules => ({
  watermarks: watermarkRulesOf(pipeline),
  window: pipeline.aggregation?.window,
  gives: pipeline.aggregation && versionRulesOf(pipeline.aggregation),
  deduplicates: pipeline.source.deduplicate !== undefined,
});

const isStill = ({ epoch, holder }: Head, input: SealBatchInput): boolean =>
  epoch === input.epoch && holder?.owner === input.run;

/** REDRIVE-4: what was taken of letters is not to be counted any more. */
const isCalledOff = ({ redrive: planned }: PlanRecord, { redrive: now }: Head): boolean =>
  planned !== undefined && (now?.request !== planned.request || now.count !== planned.count);

/** Of the others nothing has to be done again. */
const withoutCalledOff = (plan: PlanRecord, head: Head | undefined, blocks: readonly BlockSummary[]) =>
  head !== undefined && isCalledOff(plan, head) ? blocks.filter(({ redrive }) => redrive === undefined) : blocks;

function againAtOnce({ turn, batchId }: SealBatchInput, { ports: { clock }, log }: SealRuntime): BatchState {
  log.info('redrive called off', { batchId });
  return { next: 'wait', turn, caughtUp: false, waitUntil: new Date(clock.now()).toISOString() };
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
    keyGroups: inWaves(keyGroups, input.timing.groupsInWave),
    reduced: nothingReduced,
    again: false,
    steps: marksAfter(input.steps ?? [], began, ...reduces),
    waitUntil: input.waitUntil,
  };
}
