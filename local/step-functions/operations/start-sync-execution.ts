/** StartSyncExecution: of Express machines only, and this is a Standard one. */
import { Refusal } from '../refusal.ts';
import { requireStateMachine } from './known.ts';
import type { Operation } from './operation.ts';
import { startExecution } from './start-execution.ts';

export const startSyncExecution: Operation = {
  members: { ...startExecution.members, includedData: { type: 'enum', values: ['ALL_DATA', 'METADATA_ONLY'] } },
  answer({ stateMachineArn }, { log }) {
    requireStateMachine(log, stateMachineArn as string);
    throw new Refusal('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
  },
};
