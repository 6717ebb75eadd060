/** How a state calls a function, and what it does about errors that end the execution. */
import type { Catcher, TaskState, Template } from './asl.ts';
import { fatalErrors } from './retry.ts';

export type Invocation = Pick<TaskState, 'Resource' | 'Parameters'>;

const lambdaInvoke = 'arn:aws:states:::lambda:invoke';

export function invoke(arn: string, payload: Template | '$'): Invocation {
  return {
    Resource: lambdaInvoke,
    Parameters: { FunctionName: arn, ...(payload === '$' ? { 'Payload.$': '$' } : { Payload: payload }) },
  };
}

/** The one that the input names, with what the input has for it. */
export const invokeNamed: Invocation = {
  Resource: lambdaInvoke,
  Parameters: { 'FunctionName.$': '$.function', 'Payload.$': '$.payload' },
};

export const stopOnError: readonly Catcher[] = [
  { ErrorEquals: fatalErrors, ResultPath: '$.error', Next: 'PipelineRefused' },
  { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'BatchFailed' },
];
