/** The state machine of a run on this machine: its executions, and how one is begun. */
import type { WatchedExecution } from '../driver/executions.ts';
import type { Asked, Execution, ExecutionLog } from './execution-log.ts';

/** Runs what was begun, and all that follows from it. Must not throw. */
export type Run = (input: unknown, execution: WatchedExecution) => void;

export type LocalMachine = {
  readonly log: ExecutionLog;
  /** Once the pipeline can run. Until then who starts an execution waits. */
  open(run: Run): void;
  /** Throws `ExecutionAlreadyExists`. */
  start(asked: Asked): Promise<Execution>;
};

export function createLocalMachine(log: ExecutionLog): LocalMachine {
  const opened = Promise.withResolvers<Run>();
  return {
    log,
    open: opened.resolve,
    async start(asked) {
      const run = await opened.promise;
      const { execution, watched, isNew } = log.start(asked);
      if (isNew) run(JSON.parse(asked.input), watched);
      return execution;
    },
  };
}
