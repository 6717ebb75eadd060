import definition from 'sluice-pipeline';
import { reduceKeyGroupHandler } from '../handlers.ts';
import { runtimeFromEnvironment } from '../runtime.ts';
import { createLog } from '../step-handler.ts';

export const handler = reduceKeyGroupHandler(runtimeFromEnvironment(definition, process.env, createLog()));
