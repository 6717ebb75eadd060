import { createRoleKeeper } from 'sluice-roles';
import { surviveRejections } from '../../adapters/left-behind.ts';
import { openOutline, outlineIn } from '../../pipeline/outline.ts';
import { connect } from '../connection.ts';
import { overridesIn, tableIn } from '../environment.ts';
import { sealBatchHandler } from '../handlers.ts';
import { createLog } from '../log.ts';
import { createSealRuntime } from './seal-runtime.ts';

const log = createLog();
surviveRejections(log.warn);
const pipeline = openOutline(outlineIn(SLUICE_OUTLINE), overridesIn(process.env));
const connection = connect(pipeline.name, tableIn(process.env), createRoleKeeper);

export const handler = sealBatchHandler(createSealRuntime(pipeline, connection, log));
