import definition from 'sluice-pipeline';
import { serveIsolate } from '../../adapters/isolation/serve-isolate.ts';
import { surviveRejections } from '../../adapters/left-behind.ts';
import { processShardsHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

const log = createLog();
surviveRejections(log.warn);
const runtime = runtimeFromEnvironment(definition, process.env, log, new URL(import.meta.url));
// The same bundle, started as a thread.
serveIsolate(() => runtime.pipeline, runtime.decompress);

export const handler = processShardsHandler(runtime);
