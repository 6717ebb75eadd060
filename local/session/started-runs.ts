/** Runs of the pipeline beside the session's own: those that others start, each with a driver. The table's lease is who drives. */
import type { Request } from '../../functions/core/driver.ts';
import type { Driver } from '../driver/driver.ts';
import type { Executions, WatchedExecution } from '../driver/executions.ts';

export type StartedRuns = {
  /** With `first` as its first execution; those that follow are begun by `then`. */
  run(request: Request, first: WatchedExecution, then: Executions): void;
  stop(): Promise<void>;
  abort(): void;
  ended(): Promise<void>;
};

export function startedRuns(newDriver: (executions: Executions) => Driver): StartedRuns {
  const running = new Map<Driver, Promise<unknown>>();
  return {
    run(request, first, then) {
      let next: WatchedExecution | undefined = first;
      const driver = newDriver({
        begin(input) {
          const begun = next ?? then.begin(input);
          next = undefined;
          return begun;
        },
      });
      // How it ended is in its execution.
      const ended = driver.run(request).catch((error: unknown) => {
        first.end({ kind: 'failed', error: 'States.Runtime', cause: String(error) });
      });
      running.set(
        driver,
        ended.finally(() => running.delete(driver)),
      );
    },
    async stop() {
      await Promise.all([...running.keys()].map((driver) => driver.stop()));
    },
    abort() {
      for (const driver of running.keys()) driver.abort();
    },
    async ended() {
      await Promise.all(running.values());
    },
  };
}
