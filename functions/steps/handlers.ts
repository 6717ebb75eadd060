/** The five handlers: a deployed function exports one of them, on its own ports; a local run calls all, on one runtime. */
import { sumUpWave } from '../core/reduced-wave.ts';
import { commitBatch } from './commit-batch/commit-batch.ts';
import type { CommitRuntime } from './commit-batch/commit-runtime.ts';
import {
  commitBatchInputRule,
  planBatchInputRule,
  processShardsInputRule,
  reduceKeyGroupInputRule,
  sealBatchInputRule,
} from './messages.ts';
import { planBatch } from './plan-batch/plan-batch.ts';
import type { PlanRuntime } from './plan-batch/plan-runtime.ts';
import type { ProcessRuntime } from './process-shards/process-runtime.ts';
import { processShards } from './process-shards/process-shards.ts';
import { reduceKeyGroup } from './reduce-key-group/reduce-key-group.ts';
import type { ReduceRuntime } from './reduce-key-group/reduce-runtime.ts';
import { type SumUpWaveInput, sumUpWaveInputRule } from './reduced-messages.ts';
import type { Runtime } from './runtime.ts';
import { sealBatch } from './seal-batch/seal-batch.ts';
import type { SealRuntime } from './seal-batch/seal-runtime.ts';
import { createStepHandler, type StepHandler } from './step-handler.ts';

export const planBatchHandler = (runtime: PlanRuntime): StepHandler =>
  createStepHandler({ name: 'plan-batch', input: planBatchInputRule, run: planBatch, runtime });

export const processShardsHandler = (runtime: ProcessRuntime): StepHandler =>
  createStepHandler({ name: 'process-shards', input: processShardsInputRule, run: processShards, runtime });

export const sealBatchHandler = (runtime: SealRuntime): StepHandler =>
  createStepHandler({ name: 'seal-batch', input: sealBatchInputRule, run: sealBatch, runtime });

/** One function for both: whoever adds up a wave is a sandbox that has just reduced a group of it. */
export function reduceKeyGroupHandler(runtime: ReduceRuntime): StepHandler {
  const step = { name: 'reduce-key-group', runtime };
  const reduce = createStepHandler({ ...step, input: reduceKeyGroupInputRule, run: reduceKeyGroup });
  const sumUp = createStepHandler({
    ...step,
    input: sumUpWaveInputRule,
    run: async ({ answers }: SumUpWaveInput) => sumUpWave(answers),
  });
  return (event, context) => (isWave(event) ? sumUp : reduce)(event, context);
}

const isWave = (event: unknown): boolean => typeof event === 'object' && event !== null && 'answers' in event;

export const commitBatchHandler = (runtime: CommitRuntime): StepHandler =>
  createStepHandler({ name: 'commit-batch', input: commitBatchInputRule, run: commitBatch, runtime });

export type Handlers = {
  readonly planBatch: StepHandler;
  readonly processShards: StepHandler;
  readonly sealBatch: StepHandler;
  readonly reduceKeyGroup: StepHandler;
  readonly commitBatch: StepHandler;
};

export function createHandlers(runtime: Runtime): Handlers {
  return {
    planBatch: planBatchHandler(runtime),
    processShards: processShardsHandler(runtime),
    sealBatch: sealBatchHandler(runtime),
    reduceKeyGroup: reduceKeyGroupHandler(runtime),
    commitBatch: commitBatchHandler(runtime),
  };
}
