/** What a request names, or the refusal of what is not there. */
import { requireArn } from '../arns.ts';
import type { Execution, ExecutionLog } from '../execution-log.ts';
import { Refusal } from '../refusal.ts';

export function requireExecution(log: ExecutionLog, arn: string): Execution {
  requireArn(arn, 'execution');
  const execution = log.find(arn);
  if (execution === undefined) throw new Refusal('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  return execution;
}

/** Versions and aliases of it there are none. */
export function requireStateMachine(log: ExecutionLog, arn: string): void {
  requireArn(arn, 'stateMachine');
  if (arn !== log.stateMachineArn)
    throw new Refusal('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}
