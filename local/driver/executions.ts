/** Who is told of each execution of a driver, gives it its name, and may end it. */
import type { ExecutionEvent } from './execution-limits.ts';
import type { ExecutionOptions, ExecutionResult } from './state-machine-runner.ts';

export type Executions = {
  /** Of each, before it begins. */
  begin(input: unknown): WatchedExecution;
};

export type WatchedExecution = {
  readonly arn: string;
  readonly stateMachineArn: string;
  /** Aborted: it ends at once, and all that would have followed it. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExecutionEvent) => void;
  readonly onTask: NonNullable<ExecutionOptions['onTask']>;
  end(result: ExecutionResult): void;
};
