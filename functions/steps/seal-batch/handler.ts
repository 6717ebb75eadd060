import definition from 'sluice-pipeline';
import { surviveRejections } from '../../adapters/left-behind.ts';
import { sealBatchHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

const log = createLog();
surviveRejections(log.warn);

export const handler = sealBatchHandler(runtimeFromEnvironment(definition, process.env, log));
