import definition from 'sluice-pipeline';
import { createRoleKeeper } from 'sluice-roles';
import { serveIsolate } from '../../adapters/isolation/serve-isolate.ts';
import { surviveRejections } from '../../adapters/left-behind.ts';
import { requirePipeline } from '../../pipeline/check-pipeline.ts';
import { connect } from '../connection.ts';
import { executorIn, overridesIn, tableIn } from '../environment.ts';
import { processShardsHandler } from '../handlers.ts';
import { loadHere } from '../load-here.ts';
import { createLog } from '../log.ts';
import { createProcessRuntime } from './process-runtime.ts';

const log = createLog();
surviveRejections(log.warn);
const pipeline = requirePipeline(definition, overridesIn(process.env));
const connection = connect(pipeline.name, tableIn(process.env), createRoleKeeper);
const settings = { ...executorIn(process.env), log, isolate: { entry: new URL(import.meta.url) } };
const runtime = createProcessRuntime(pipeline, connection, settings);
// The same bundle, started as a thread.
serveIsolate(() => pipeline, runtime.decompress, loadHere);

export const handler = processShardsHandler(runtime);
