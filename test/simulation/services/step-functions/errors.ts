/** Errors of an execution: by their names they are tried again, caught, or end it. */
import type { Retrier } from '../../../../state-machine/asl.ts';

/** What a state or the service itself fails with; its name is the error's in ASL. */
export class StateError extends Error {
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** What a task has thrown, by its own name. What is no error has the name of its type, as functions report it. */
export function taskError(thrown: unknown): StateError {
  const { name, message } = thrown instanceof Error ? thrown : { name: typeof thrown, message: String(thrown) };
  return new StateError(name, message, { cause: thrown });
}

export const runtimeError = (message: string): StateError => new StateError('States.Runtime', message);

/** What the real service would do and this one has not learnt: no outcome of an execution, but the end of the test. */
export const notSimulated = (what: string): Error => new Error(`the simulated Step Functions do not know ${what}`);

/** States.ALL is not for these. */
const uncatchable = new Set(['States.DataLimitExceeded', 'States.Runtime']);

export function matches(names: readonly string[], { name }: Error): boolean {
  if (uncatchable.has(name)) return false;
  if (names.includes(name) || names.includes('States.ALL')) return true;
  return names.includes('States.TaskFailed') && name !== 'States.Timeout';
}

/** Before the retry with this number, from 0; `draw` gives 0 to 1. */
export function retryDelayMs(retrier: Retrier, retry: number, draw: () => number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY, JitterStrategy } = retrier;
  const ms = Math.min(IntervalSeconds * BackoffRate ** retry, MaxDelaySeconds) * 1000;
  return JitterStrategy === 'FULL' ? draw() * ms : ms;
}
