/**
 * TOP-1 Up to the bound of different values all are counted, and the result is exact and the same in any order of merging:
 *    nothing is ever left out.
 * TOP-2 Beyond, counts are those of J. Misra and D. Gries's summary (1982; as SpaceSaving's, but for where the error is put),
 *    merged as P. K. Agarwal et al. say ("Mergeable summaries", 2012): each is too small by at most `error`, and `error` is
 *    at most the number of events divided by half the bound. What is held and told then depends on the order of
 *    merging, within that error.
 */
import { wholeNumber } from '../pipeline/option-rules.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import type { JsonOf } from '../user-code/json-of.ts';
import {
  type Aggregate,
  type AggregateFunction,
  aggregateFunction,
  defineAggregate,
  withHeldValues,
} from './aggregate-function.ts';
import { readAggregateOptions } from './aggregate-options.ts';
import { canonical, type HeldSelector, refusesHeld, restored } from './held-value.ts';

/** Up to where counts are exact: the third argument of `topK`. */
export type TopKOptions = {
  /**
   * Different values of each key and window that are counted exactly: 10 to 10000, and at least twice as many as are told.
   * Beyond, half as many are held.
   * @default 1000
   */
  readonly exactUpTo?: number | undefined;
};

/** One of the most frequent values. */
export type Frequent<Value> = {
  /** As JSON writes it. */
  readonly value: Value;
  /** It was there at least so often. */
  readonly count: number;
  /** And at most so much more often: 0 where all were counted. */
  readonly error: number;
};

/**
 * The `k` most frequent of the values that the selector returns, with how often each was there; of equally frequent ones
 * those whose JSON comes first. Up to `exactUpTo` different values all is exact, and the same whatever the order of events.
 * Beyond, a value was there `count` to `count + error` times, and none that was there more than `error` times is missing
 * among those that are held. Values are the same if JSON writes the same of them, whatever order their fields are in. Null
 * and undefined are left out. A value that has no form in JSON, or one of more than 4,096 characters, makes its event a dead
 * letter; so does a whole number beyond 2^53.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ busiest: topK((flight) => flight.destination, 3) });
 * ```
 */
export function topK<Event, Value>(
  selector: HeldSelector<Event, Value>,
  k: number,
  options?: TopKOptions,
): Aggregate<Event, Frequent<JsonOf<NonNullable<Value>>>[]> {
  return defineAggregate('topK', selector, { k, options });
}

/** `error`: how much may have been taken from any count. */
type Counts = { error: number; readonly counts: Map<string, number> };
type Saved = readonly [error: number, counts: readonly (readonly [text: string, count: number])[]];

export const topKKind = withHeldValues(
  'topK',
  (option, given, problems) => {
    const { exactUpTo } = readAggregateOptions(option, given, rules, problems);
    const k = readK(`${option}.k`, given.k, exactUpTo, problems);
    return k === undefined ? undefined : counting(k, exactUpTo);
  },
  canonical,
);
const rules = { exactUpTo: wholeNumber({ atLeast: 10, atMost: 10_000 }, 1_000) };

function readK(option: string, given: unknown, exactUpTo: number, problems: Problem[]): number | undefined {
  const most = Math.floor(exactUpTo / 2);
  const allowed = `a whole number from 1 to ${most}, which is half of exactUpTo`;
  if (given === undefined) problems.push(missing(option, allowed));
  else if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= most) return given;
  else problems.push(notAllowed(option, given, allowed));
  return undefined;
}

function counting(k: number, exactUpTo: number): AggregateFunction {
  return aggregateFunction<string | undefined, Counts, Saved, Frequent<unknown>[]>({
    kind: 'topK',
    version: 1,
    empty: () => ({ error: 0, counts: new Map() }),
    add(into, text) {
      return text === undefined ? into : counted(into, [[text, 1]], exactUpTo);
    },
    merge(into, [error, counts]) {
      into.error += error;
      return counted(into, counts, exactUpTo);
    },
    save: ({ error, counts }) => [error, [...counts]],
    result: ({ error, counts }) =>
      inOrder(counts)
        .slice(0, k)
        .map(([text, count]) => ({ value: restored(text), count, error })),
    refuses: refusesHeld,
  }) as AggregateFunction;
}

function counted(into: Counts, more: Saved[1], exactUpTo: number): Counts {
  for (const [text, times] of more) into.counts.set(text, (into.counts.get(text) ?? 0) + times);
  if (into.counts.size > exactUpTo) leaveOut(into, exactUpTo);
  return into;
}

/** Takes from each count that of the first one behind the more frequent half of the bound: so many at least are gone then. */
function leaveOut(into: Counts, exactUpTo: number): void {
  const taken = inOrder(into.counts)[Math.floor(exactUpTo / 2)]![1];
  into.error += taken;
  for (const [text, count] of into.counts) {
    if (count > taken) into.counts.set(text, count - taken);
    else into.counts.delete(text);
  }
}

const inOrder = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([one, often], [other, less]) => less - often || (one < other ? -1 : 1));
