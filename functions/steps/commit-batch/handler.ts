import definition from 'sluice-pipeline';
import { commitBatchHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

export const handler = commitBatchHandler(runtimeFromEnvironment(definition, process.env, createLog()));
