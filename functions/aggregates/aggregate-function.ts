/**
 * What an aggregate is: a file with a constructor for the chain and an object of these types, and a line in `index.ts`.
 *
 * AGGREGATE-1 Merging is associative and commutative, and `empty` changes nothing: events may be split over blocks, and
 *    blocks merged, in any order and grouping, and the result is that of adding one event after the other. Of `topK`, within
 *    the error that it tells.
 * AGGREGATE-2 What is saved says all: `merge(empty(), save(accumulator))` is the accumulator.
 * AGGREGATE-3 Null and undefined are left out, as SQL does, by `add` itself.
 * AGGREGATE-4 All answers follow from the arguments.
 * AGGREGATE-5 An accumulator is bounded, however many events there are, and says in its result what it left out for that.
 *
 * `add` and `merge` return the accumulator that counts from then on; they may change the one they are given and return that.
 */

import type { Callback, EventMeta } from '../pipeline/callback.ts';
import { readCallback } from '../pipeline/option-rules.ts';
import type { RawOptions } from '../pipeline/options.ts';
import type { Problem } from '../pipeline/problems.ts';
import type { Named } from '../pipeline/registry.ts';
import { heldBy } from './held-value.ts';

/**
 * An aggregate over events of type `Event`: what `count()`, `sum(…)` and the like return, and what `aggregate({ … })` of the
 * chain takes. `Result` is what it puts into the result row.
 */
export type Aggregate<Event, Result> = {
  /** What it computes: 'count', 'sum', … */
  readonly kind: string;
  /** What it takes of each event. Undefined: the event itself. */
  readonly selector: ((event: Event, meta: EventMeta) => unknown) | undefined;
  /** Carries the type only; never set. */
  readonly '~result'?: Result;
};

/** What is computed. `Value` is what the selector returns, `Saved` plain data that JSON writes and reads without loss. */
export type AggregateFunction<Value = unknown, Accumulator = unknown, Saved = unknown, Result = unknown> = {
  /** What saved state depends on: its kind, and its version where that is not the first. */
  readonly fingerprint: readonly (string | number)[];
  /** Of nothing. */
  empty(): Accumulator;
  /** Hot: called once per event. `value` is none that `refuses` names. */
  add(accumulator: Accumulator, value: Value): Accumulator;
  merge(accumulator: Accumulator, saved: Saved): Accumulator;
  save(accumulator: Accumulator): Saved;
  /** @throws FailedAggregate if there is none: the row becomes a dead letter. */
  result(accumulator: Accumulator): Result;
  /** What is wrong with a value that a selector returned: the event becomes a dead letter. Undefined: nothing. */
  refuses(value: unknown): string | undefined;
  /** Of values whose order counts: `add` is given them as `Ranked`, null and undefined excepted. */
  readonly isRanked: boolean;
  /**
   * Of user code, which may never end, or end the process: the same without it, which gathers what is to be merged. Who must
   * not run user code computes with that, and what it saves is merged where rows are run.
   */
  readonly gathered: AggregateFunction | undefined;
};

/** How it is named and given in the chain. */
export type AggregateKind = Named & {
  /** From what the constructor made. Undefined: a problem was told. */
  read(option: string, given: RawOptions, problems: Problem[]): ReadAggregate | undefined;
};

/** `selector` is undefined where there is nothing to select: then `add` is given undefined. */
export type ReadAggregate = { readonly fn: AggregateFunction; readonly selector: Callback<unknown> | undefined };

type Computing = 'empty' | 'add' | 'merge' | 'save' | 'result';

/** Made in one place, so that the engine's loop meets one shape. */
export function aggregateFunction<Value, Accumulator, Saved, Result>(
  given: Pick<AggregateFunction<Value, Accumulator, Saved, Result>, Computing> &
    Partial<Pick<AggregateFunction, 'fingerprint' | 'refuses' | 'isRanked' | 'gathered'>> & {
      readonly kind: string;
      readonly version: number;
    },
): AggregateFunction<Value, Accumulator, Saved, Result> {
  const { kind, version, empty, add, merge, save, result } = given;
  const { fingerprint = version === 1 ? [kind] : [kind, version], refuses = refusesNothing } = given;
  const { isRanked = false, gathered } = given;
  return { fingerprint, empty, add, merge, save, result, refuses, isRanked, gathered };
}

const refusesNothing = (): undefined => undefined;

/** From what else the constructor was given; undefined: a problem was told. */
type ReadFunction = (option: string, given: RawOptions, problems: Problem[]) => AggregateFunction | undefined;

/** A kind whose constructor takes a selector, of numbers mostly. */
export function withSelector(kind: string, read: AggregateFunction | ReadFunction): AggregateKind {
  return {
    kind,
    usage: `${kind}(…)`,
    read(option, given, problems) {
      const selector = readCallback<Callback<unknown>>(option, given.selector, problems);
      const fn = typeof read === 'function' ? read(option, given, problems) : read;
      return selector && fn && { fn, selector };
    },
  };
}

/** The same where values are kept as they are: what is computed is given their JSON, which `textOf` writes. */
export function withHeldValues(
  kind: string,
  read: AggregateFunction | ReadFunction,
  textOf?: Parameters<typeof heldBy>[2],
): AggregateKind {
  const plain = withSelector(kind, read);
  return {
    ...plain,
    read(option, given, problems) {
      const { fn, selector } = plain.read(option, given, problems) ?? {};
      return fn && selector && { fn, selector: heldBy(option, selector, textOf) };
    },
  };
}

/** A kind that counts events as they are. */
export function withoutSelector(kind: string, fn: AggregateFunction): AggregateKind {
  return { kind, usage: `${kind}()`, read: () => ({ fn, selector: undefined }) };
}

/** What a constructor returns. */
export function defineAggregate<Event, Result>(
  kind: string,
  selector: Aggregate<Event, Result>['selector'],
  /** What else the constructor was given, not yet checked. */
  given: object = {},
): Aggregate<Event, Result> {
  return Object.freeze({ ...given, kind, selector });
}
