import definition from 'sluice-pipeline';
import { serveIsolate } from '../../adapters/isolation/serve-isolate.ts';
import { reduceKeyGroupHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

const runtime = runtimeFromEnvironment(definition, process.env, createLog(), new URL(import.meta.url));
// The same bundle, started as a thread.
serveIsolate(() => runtime.pipeline, runtime.decompress);

export const handler = reduceKeyGroupHandler(runtime);
