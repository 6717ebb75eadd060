/**
 * What a callback did instead of answering.
 *
 * CALLBACK-1 Whatever it threw is a reason and a text of one event or row (`thrown-text.ts`).
 * CALLBACK-2 A promise is no answer: `filter` would let everything through, `map` would write `{}`. Like an asynchronous
 *    schema it is a wrong pipeline, which is refused before anything of the event is stored.
 */
import { SluiceError } from '../pipeline/errors.ts';
import { thrownText } from './thrown-text.ts';

/** What a callback gave is nothing that can be gone on with. */
export class InvalidResult extends Error {}

/** Of more elements than may be. */
export class TooManyElements extends Error {}

class AsynchronousCallback extends SluiceError {
  constructor(callback: string) {
    super('InvalidPipeline', `${callback} returned a promise; callbacks must answer at once, without async or await`);
  }
}

/** Of a value that JSON would change without a word. */
export class NoJsonForm extends InvalidResult {}

/** Of an aggregate of the user's own whose accumulators could not be merged: when they were is long past. */
export class FailedAggregate extends Error {
  readonly reason: CallbackFailure['reason'];

  constructor(reason: CallbackFailure['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export type CallbackFailure = {
  readonly reason: 'invalid-result' | 'callback-failed' | 'crashed-reducer' | 'too-many-elements';
  readonly message: string;
};

/** Throws on what concerns all events. */
export function failureOf(thrown: unknown, callback = ''): CallbackFailure {
  if (thrown instanceof AsynchronousCallback) throw thrown;
  return { reason: reasonOf(thrown), message: callback + thrownText(thrown) };
}

function reasonOf(thrown: unknown): CallbackFailure['reason'] {
  if (thrown instanceof FailedAggregate) return thrown.reason;
  if (thrown instanceof TooManyElements) return 'too-many-elements';
  return thrown instanceof InvalidResult ? 'invalid-result' : 'callback-failed';
}

export function refusePromise(value: unknown, callback: string): void {
  if (!isThenable(value)) return;
  keepQuiet(value);
  throw new AsynchronousCallback(callback);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return 'then' in value && typeof value.then === 'function';
}

/** Nobody will wait for it, and a rejection that nobody handles would end the process. */
function keepQuiet(value: PromiseLike<unknown>): void {
  try {
    // Not its own `then`: of a query builder that would begin the query.
    Promise.prototype.then.call(value, ignore, ignore);
  } catch {
    // No promise of the language: it rejects nothing by itself.
  }
}

const ignore = (): void => {};
