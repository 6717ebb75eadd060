/**
 * What `flatMap` makes of a value: any number of others.
 *
 * ELEMENTS-1 They are asked for one by one, and no more than a limit: of an iterable without end nothing is held, and it ends.
 * ELEMENTS-2 Whoever stops early tells the iterable, as a loop of the language does.
 */
import { InvalidResult, refusePromise, TooManyElements } from './callback-failure.ts';

/** What records of all elements of one event may have for one output, or those of one row: it is in memory at once. */
export const mostElementBytes = 16_777_216;

/** @throws InvalidResult if nothing can be iterated; SluiceError InvalidPipeline if the elements are promised */
export function elementsOf(made: unknown, callback: string): Iterable<unknown> {
  refusePromise(made, callback);
  if (typeof made === 'string') throw new InvalidResult(`${callback} returned a text; return a list of texts: [text]`);
  if (isIterable(made)) return made;
  if (isAsyncIterable(made)) refusePromise(Promise.resolve(), callback);
  const given = made === null ? 'null' : typeof made;
  throw new InvalidResult(`${callback} returned ${given}; return a list or another iterable, [] for nothing`);
}

/** Counts the elements of one event, or row. */
export class ElementCount {
  readonly #most: number;
  readonly #callback: string;
  #made = 0;

  constructor(callback: string, most: number) {
    this.#callback = callback;
    this.#most = most;
  }

  get made(): number {
    return this.#made;
  }

  /** @throws TooManyElements; SluiceError InvalidPipeline if the element is a promise */
  took(element: unknown): void {
    if (this.#made >= this.#most)
      throw new TooManyElements(`${this.#callback} made more than ${this.#most} elements, its maxElements`);
    this.#made += 1;
    if (typeof element === 'object' && element !== null) refusePromise(element, `an element of ${this.#callback}`);
  }
}

const isIterable = (value: unknown): value is Iterable<unknown> => hasMethod(value, Symbol.iterator);
const isAsyncIterable = (value: unknown): boolean => hasMethod(value, Symbol.asyncIterator);

function hasMethod(value: unknown, name: symbol): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return typeof (value as Record<symbol, unknown>)[name] === 'function';
}
