import definition from 'sluice-pipeline';
import { planBatchHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

export const handler = planBatchHandler(runtimeFromEnvironment(definition, process.env, createLog()));
