import definition from 'sluice-pipeline';
import { surviveRejections } from '../../adapters/left-behind.ts';
import { planBatchHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

const log = createLog();
surviveRejections(log.warn);

export const handler = planBatchHandler(runtimeFromEnvironment(definition, process.env, log));
