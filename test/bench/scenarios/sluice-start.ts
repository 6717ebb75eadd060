/** The start of Sluice's executor, as the construct bundles it: its plan is passed to it, it reads a page, and stores its block. */
import path from 'node:path';
import { build } from 'esbuild';
import type { Variant } from '../../../bench/side-by-side/scenario.ts';
import { startsOf } from '../../../bench/side-by-side/starts.ts';
import { createPlanStore } from '../../../functions/adapters/dynamodb/plan-store.ts';
import { openStorage } from '../../../functions/adapters/dynamodb/storage.ts';
import type { Table } from '../../../functions/adapters/dynamodb/table.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { systemClock } from '../../../functions/steps/system-clock.ts';
import { bundleOptions } from '../../../infra/bundle-step.ts';
import { readPipeline } from '../../../infra/read-pipeline.ts';
import { planned, plannedTask, planRecord } from '../../support/builders.ts';

const pipelineFile = path.join(import.meta.dirname, 'started-pipeline.ts');
const folder = path.resolve('bundle');
const epoch = 1;

const variant: Variant<{ readonly hasStateBucket?: boolean }> = async ({ endpoint }, { hasStateBucket = true }) => {
  const { pipeline, outline, bringsSdk } = readPipeline(pipelineFile, false);
  const step = {
    step: 'process-shards',
    pipelineFile,
    outline,
    bringsSdk,
    assumesRole: false,
    hasStateBucket,
  } as const;
  const { outputFiles } = await build({ ...bundleOptions(step), sourcemap: false, write: false, outdir: folder });
  const event = { run: 'run', epoch, batchId: 1, task: 0, readSeconds: 12, plan: await passedPlan(pipeline) };
  const env = {
    ...process.env,
    ...{ AWS_ENDPOINT_URL: endpoint, SLUICE_TABLE: 'table', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769' },
    ...(hasStateBucket ? { SLUICE_STATE_BUCKET: 'bucket' } : {}),
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  return { run: async (calls) => startsOf({ files: outputFiles, folder, entry: 'index.mjs', event, env }, calls) };
};

/** It is so small that nothing is put. */
function passedPlan({ name, fingerprint }: Pipeline): Promise<string> {
  const noTable = {} as Table;
  const storage = openStorage({ table: noTable, pipeline: name, clock: systemClock, newId: () => 'id' });
  const task = plannedTask([planned('shardId-0')], { ref: epoch, fingerprint, watermark: null });
  return createPlanStore(storage).putPlan(planRecord({ ref: epoch }), [task], undefined as never);
}

export default variant;
