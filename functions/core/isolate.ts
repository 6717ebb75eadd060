/** User code that runs apart, as who calls it sees it. */
import type { ReferenceUses } from './references.ts';

/**
 * How a call into an isolate ended. A death is the call's own: the isolate had answered until then, and now it is gone or
 * silent. What the engine throws there, as for a callback that returns a promise, is no death: `run` throws it too.
 */
export type IsolateAnswer<Output> =
  | { readonly kind: 'answered'; readonly output: Output }
  | { readonly kind: 'died'; readonly message: string };

/**
 * User code that runs apart and can be ended: one that never answers, takes all memory or ends its thread harms nobody
 * else. A call is one synchronous step. After a death there are no more calls.
 */
export type Isolate<Input, Output> = {
  run(input: Input): IsolateAnswer<Output>;
  /** What schemas promised instead of answering, of an isolate that does not wait for it itself. */
  readonly promises?: readonly Promise<unknown>[];
  /** Of one that has loaded reference data itself: what that was. */
  readonly references?: ReferenceUses;
  close(): void;
};
