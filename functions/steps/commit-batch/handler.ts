import { createRoleKeeper } from 'sluice-roles';
import { surviveRejections } from '../../adapters/left-behind.ts';
import { openOutline, outlineIn } from '../../pipeline/outline.ts';
import { connect } from '../connection.ts';
import { metricsIn, overridesIn, tableIn } from '../environment.ts';
import { commitBatchHandler } from '../handlers.ts';
import { createLog, writeLine } from '../log.ts';
import { createCommitRuntime } from './commit-runtime.ts';

const log = createLog();
surviveRejections(log.warn);
const pipeline = openOutline(outlineIn(SLUICE_OUTLINE), overridesIn(process.env));
const connection = connect(pipeline.name, tableIn(process.env), createRoleKeeper);

const metrics = { set: metricsIn(process.env), write: writeLine };

export const handler = commitBatchHandler(createCommitRuntime(pipeline, connection, { log, metrics }));
