/**
 * Records that kill whoever runs user code on them: in virtual time, and without harm to this process.
 *
 *   how       a function that runs user code in place          one that runs it in a thread
 *   loop      stands still until Lambda ends it                ends the thread when its time is over
 *   memory    is ended for it, a little later                  the same; the thread has a limit of its own
 *   exit      is gone                                          sees its thread end
 *   process   is gone                                          is gone: not all memory is a thread's own
 */
import type { Decompress } from '../../../functions/core/expand-payload.ts';
import { isolatedRunner } from '../../../functions/core/isolated-code.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Isolation } from '../../../functions/ports/isolation.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Invocation } from './invocation.ts';
import type { SimulatedEvent } from './pipelines.ts';

export const deadlyKinds = ['loop', 'memory', 'exit', 'process'] as const;
export type DeadlyKind = (typeof deadlyKinds)[number];
export type Deadly = {
  readonly how: DeadlyKind;
  /** The first record that is put after so long has so many deadly events in front. */
  readonly at: number;
  readonly events: number;
  /** As many records of different keys are deadly; 1 if not said. */
  readonly records?: number;
};

/** A key whose rows kill their reducer. */
export type DeadlyRow = {
  readonly how: DeadlyKind;
  /** When its events are put; a window of each has a row. */
  readonly at: readonly number[];
};
export const deadlyRowKey = 'row of death';

/** In an event's key: a mark that survives JSON, and that nothing else has. */
export const deadlyMark = 'deadly';
export const isDeadly = ({ key }: Pick<SimulatedEvent, 'key'>): boolean => key.startsWith(deadlyMark);

const threadMs: Readonly<Record<DeadlyKind, number>> = { loop: 4_000, memory: 4_000, exit: 1, process: 500 };

/** What the callback does to its own function. From here on nothing that the function waits for comes back. */
export function dieInPlace(how: DeadlyKind, invocation: Invocation, scheduler: Scheduler): void {
  invocation.kill();
  // Its own timers get no turn either: Lambda cuts it.
  if (how === 'loop') return;
  const name = how === 'exit' ? 'Runtime.ExitError' : 'Runtime.OutOfMemory';
  scheduler.at(scheduler.now + (how === 'exit' ? 1 : threadMs.process), () =>
    invocation.fail(name, 'user code ended it'),
  );
}

/** Isolates of one invocation. `pipelineWith` makes the pipeline whose callbacks call `onDeadly`. */
export function simulatedIsolation(parts: {
  readonly how: DeadlyKind;
  readonly invocation: Invocation;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly decompress: Decompress;
  readonly onDeath: (event: SimulatedEvent) => void;
  readonly pipelineWith: (onDeadly: (event?: SimulatedEvent) => void) => Pipeline;
}): Isolation {
  const { how, invocation, scheduler, random, decompress, onDeath, pipelineWith } = parts;
  return {
    open(kind, setup, references) {
      let hasDied = false;
      const pipeline = pipelineWith((event) => {
        hasDied = true;
        // A row has none.
        if (event !== undefined) onDeath(event);
      });
      const run = isolatedRunner(kind, pipeline, setup, decompress, references?.values);
      // A thread starts.
      invocation.freeze(random.int(20, 300));
      return {
        run(input) {
          const output = run(input);
          if (!hasDied) return { kind: 'answered', output };
          if (how === 'process') dieInPlace(how, invocation, scheduler);
          invocation.freeze(threadMs[how]);
          return { kind: 'died', message: `simulated: ${how}` };
        },
        promises: run.promises,
        close: () => {},
      };
    },
  };
}
