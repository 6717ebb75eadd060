/** A thread of a local run: loads the pipeline from its file, and runs user code apart (`serveIsolate`). */
import { workerData } from 'node:worker_threads';
import { decompress } from '../../functions/adapters/decompress.ts';
import { serveIsolate } from '../../functions/adapters/isolation/serve-isolate.ts';
import { surviveRejections } from '../../functions/adapters/left-behind.ts';
import { type PipelineOverrides, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { loadHere } from '../../functions/steps/load-here.ts';

/** What is in `workerData` beside the order. */
export type PipelineInFile = {
  /** A URL. */
  readonly pipelineFile: string;
  readonly overrides?: PipelineOverrides;
};

// The run itself tells of them.
surviveRejections(() => {});
const { pipelineFile, overrides } = workerData as PipelineInFile;
const module = (await import(pipelineFile)) as { readonly default: unknown };
serveIsolate(() => requirePipeline(module.default, overrides), decompress, loadHere);
