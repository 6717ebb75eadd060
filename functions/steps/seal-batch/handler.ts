import definition from 'sluice-pipeline';
import { sealBatchHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

export const handler = sealBatchHandler(runtimeFromEnvironment(definition, process.env, createLog()));
