/**
 * Aggregates of the user's own.
 *
 * CUSTOM-1 An event goes through all of the functions alone before anything of it counts: what they throw of it is its dead
 *    letter, and what they do to the process is found out like what `map` does.
 * CUSTOM-2 From then on an accumulator travels as JSON, also within one function: a result does not depend on where events
 *    met.
 * CUSTOM-3 An accumulator that could not be merged or saved has failed, stays so whatever it is merged with, and says why
 *    in the dead letter of its row. Nothing else waits for it.
 * CUSTOM-4 What JSON would change without a word is no answer: of `save` it is refused with its event, of `result` with its
 *    row. The result of one event alone is not looked at: nobody gets it, and of so little there may be none.
 */

import type { Callback, EventMeta } from '../pipeline/callback.ts';
import { callback as callbackRule, readOptions, text, wholeNumber } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import { FailedAggregate, failureOf, NoJsonForm, refusePromise } from '../user-code/callback-failure.ts';
import { type Advice, unchangedJson } from '../user-code/unchanged-json.ts';
import { type Aggregate, type AggregateFunction, type AggregateKind, aggregateFunction } from './aggregate-function.ts';
import type { Failure, SavedFailure } from './failed-aggregate.ts';
import { gathering } from './gathered.ts';

/** Callbacks are synchronous: where `T` is a promise, nothing fits. */
type Sync<T> = T extends PromiseLike<unknown> ? never : T;

/** The functions of an aggregate of your own, its name and its version: the argument of `aggregate`. */
export type AggregateOptions<Event, Accumulator, Result, Saved> = {
  /** 1 to 64 letters, digits, `_`, `.` and `-`. Saved windows depend on it, as on the version. */
  readonly name: string;
  /** A whole number from 1 on: another one where accumulators mean something else than before. */
  readonly version: number;
  /** The accumulator of no event. Merged with another it changes nothing. */
  readonly empty: () => Accumulator;
  /** The accumulator with one more event. It may change the one it is given, and return that. */
  readonly add: (accumulator: Accumulator, event: Event, meta: EventMeta) => Accumulator;
  /** Both as one, in whatever order and grouping they come. It may change the first, and return that. */
  readonly merge: (one: Accumulator, other: Accumulator) => Accumulator;
  /** Plain data that JSON writes and reads without loss. Default: the accumulator itself. Needs `restore`. */
  readonly save?: ((accumulator: Accumulator) => Saved) | undefined;
  /** The accumulator of what `save` returned. */
  readonly restore?: ((saved: Saved) => Accumulator) | undefined;
  /** What the result row is given: anything that JSON can write; null where there is none. Else the row is a dead letter. */
  readonly result: (accumulator: Accumulator) => Sync<Result>;
};

/** What `aggregate` returns. */
export type CustomAggregate<Event, Result> = Aggregate<Event, Result> & {
  /** Always 'custom'. */
  readonly kind: 'custom';
  /** What `aggregate` was given, not yet checked. */
  readonly options: object;
};

/**
 * An aggregate of your own, for `aggregate({ … })` of the chain. Its functions are synchronous and their answers follow
 * from what they are given: events are added and accumulators merged in any order and grouping, in several functions.
 *
 * An event that makes one of them throw becomes a dead letter; a row whose accumulators can't be merged, too.
 *
 * @example
 * ```ts
 * const gates = aggregate({
 *   name: 'distinct-destinations',
 *   version: 1,
 *   empty: () => new Set<string>(),
 *   add: (seen, flight: z.infer<typeof Flight>) => seen.add(flight.destination),
 *   merge: (one, other) => new Set([...one, ...other]),
 *   save: (seen) => [...seen],
 *   restore: (saved) => new Set(saved),
 *   result: (seen) => seen.size,
 * });
 * ```
 */
export function aggregate<Event, Accumulator, Result, Saved = Accumulator>(
  options: AggregateOptions<Event, Accumulator, Result, Saved>,
): CustomAggregate<Event, Result> {
  return Object.freeze({ kind: 'custom', selector: undefined, options: frozenCopy(options) });
}

type Functions = {
  readonly name: string;
  readonly version: number;
  readonly empty: () => unknown;
  readonly add: (accumulator: unknown, event: never, meta: EventMeta) => unknown;
  readonly merge: (one: unknown, other: unknown) => unknown;
  readonly save: (accumulator: unknown) => unknown;
  readonly restore: (saved: unknown) => unknown;
  readonly result: (accumulator: unknown) => unknown;
};

const named = text(
  'a name of 1 to 64 letters, digits, _ . or -',
  (value) => /^[A-Za-z0-9_.-]{1,64}$/.test(value),
  undefined,
);
const rules = {
  name: named,
  version: wholeNumber({ atLeast: 1 }, undefined),
  empty: callbackRule<Functions['empty']>(),
  add: callbackRule<Functions['add']>(),
  merge: callbackRule<Functions['merge']>(),
  save: callbackRule<Functions['save']>(),
  restore: callbackRule<Functions['restore']>(),
  result: callbackRule<Functions['result']>(),
};
const required = ['name', 'version', 'empty', 'add', 'merge', 'result'] as const;

export const customKind: AggregateKind = {
  kind: 'custom',
  usage: 'aggregate({ … })',
  read(option, { options }, problems) {
    if (!isPlainObject(options)) {
      problems.push(notAllowed(option, options, 'aggregate({ name, version, empty, add, merge, result })'));
      return undefined;
    }
    const functions = readFunctions(option, options, problems);
    return functions && { fn: functionOf(functions), selector: aloneOf(functions) };
  },
};

function readFunctions(
  option: string,
  options: Readonly<Record<string, unknown>>,
  problems: Problem[],
): Functions | undefined {
  const read = readOptions(option, options, rules, problems);
  for (const name of required) {
    if (options[name] === undefined) problems.push(missing(`${option}.${name}`, rules[name].allowed));
  }
  const { name, version, empty, add, merge, save, restore, result } = read;
  for (const [given, other] of [
    ['save', 'restore'],
    ['restore', 'save'],
  ] as const) {
    if (options[given] !== undefined && options[other] === undefined)
      problems.push(missing(`${option}.${other}`, `the other way of ${given}`));
  }
  if (name === undefined || version === undefined || !empty || !add || !merge || !result) return undefined;
  return { name, version, empty, add, merge, save: save ?? itself, restore: restore ?? itself, result };
}

const itself = (value: unknown): unknown => value;

/** What an event alone comes to, as JSON; or why it has no such form. */
type Alone = string | { readonly refused: string };

/** In place of a selector: here user code has the event, and here it fails of it. */
function aloneOf({ name, empty, add, merge, save, restore, result }: Functions): Callback<Alone> {
  const of = `aggregate ${name}`;
  return (event, meta) => {
    const alone = add(empty(), event, meta);
    refusePromise(alone, `add of ${of}`);
    const json = jsonOrRefused(save(alone), of);
    if (typeof json !== 'string') return json;
    const merged = merge(empty(), restore(JSON.parse(json)));
    refusePromise(merged, `merge of ${of}`);
    refusePromise(result(merged), `result of ${of}`);
    return json;
  };
}

function jsonOrRefused(saved: unknown, of: string): Alone {
  refusePromise(saved, `save of ${of}`);
  try {
    return unchangedJson(saved, ofSaved);
  } catch (error) {
    if (!(error instanceof NoJsonForm)) throw error;
    return { refused: error.message };
  }
}

const ofSaved: Advice = { noText: 'give save and restore' };
const ofResult: Advice = { nothing: 'return null where there is no result', noText: 'return null, or text' };

/** A failure is no user code's: it has a reason of the engine's own. */
/** Of no event, of some, or failed. */
type Held = { state: 'empty' | 'filled'; value: unknown } | { readonly state: 'failed'; readonly failure: Failure };
type SavedHeld = readonly [unknown] | SavedFailure;

function functionOf(functions: Functions): AggregateFunction {
  const { name, version, empty, merge, save, restore, result } = functions;
  const of = `aggregate ${name}`;
  const filled = (held: Held, saved: unknown): Held => {
    if (held.state === 'failed') return held;
    try {
      const other = restore(saved);
      held.value = held.state === 'empty' ? other : merge(held.value, other);
      refusePromise(held.value, `merge of ${of}`);
      held.state = 'filled';
      return held;
    } catch (error) {
      return { state: 'failed', failure: failureOf(error, 'merge: ') };
    }
  };
  const accumulatorOf = (held: Exclude<Held, { state: 'failed' }>): unknown =>
    held.state === 'empty' ? empty() : held.value;
  return aggregateFunction<string, Held, SavedHeld, unknown>({
    kind: 'custom',
    version: 1,
    fingerprint: ['custom', name, version],
    gathered: gathering((alone) => [JSON.parse(alone as string)]),
    empty: () => ({ state: 'empty', value: undefined }),
    add: (held, alone) => filled(held, JSON.parse(alone)),
    merge: (held, saved) => ('failed' in saved ? failedWith(held, saved.failed) : filled(held, saved[0])),
    save(held) {
      if (held.state === 'failed') return { failed: held.failure };
      try {
        const saved = save(accumulatorOf(held));
        refusePromise(saved, `save of ${of}`);
        unchangedJson(saved, ofSaved);
        return [saved];
      } catch (error) {
        return { failed: failureOf(error, 'save: ') };
      }
    },
    result(held) {
      if (held.state === 'failed') throw new FailedAggregate(held.failure.reason, held.failure.message);
      const given = result(accumulatorOf(held));
      refusePromise(given, `result of ${of}`);
      // Nearly every result is one, and every row is asked.
      if (!Number.isFinite(given)) unchangedJson(given, ofResult);
      return given;
    },
    refuses: (alone) => (isPlainObject(alone) ? String(alone.refused) : undefined),
  }) as AggregateFunction;
}

/** Of two failures the same one, whichever came first. */
function failedWith(held: Held, failure: Failure): Held {
  return held.state === 'failed' && held.failure.message <= failure.message ? held : { state: 'failed', failure };
}
