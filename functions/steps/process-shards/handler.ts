import definition from 'sluice-pipeline';
import { processShardsHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

export const handler = processShardsHandler(runtimeFromEnvironment(definition, process.env, createLog()));
