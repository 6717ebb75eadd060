/**
 * DISTINCT-1 Up to the bound the number is exact: the values themselves are kept. Whether there are more than that depends on
 *    all of them alone, and the sketch is of all of them: the result is the same in any order of merging.
 */
import { oneOf, wholeNumber } from '../pipeline/option-rules.ts';
import { FailedAggregate } from '../user-code/callback-failure.ts';
import {
  type Aggregate,
  type AggregateFunction,
  aggregateFunction,
  defineAggregate,
  withHeldValues,
} from './aggregate-function.ts';
import { readAggregateOptions } from './aggregate-options.ts';
import { canonical, type HeldSelector, refusesHeld } from './held-value.ts';
import { HyperLogLog, type SavedSketch } from './hyper-log-log.ts';

/** Up to where a count is exact, and what it is beyond: the second argument of `countDistinct`. */
export type CountDistinctOptions = {
  /**
   * Different values of each key and window that are kept and counted exactly: 0 to 10000. 0: none, the number is
   * approximate from the first value on.
   * @default 1000
   */
  readonly exactUpTo?: number | undefined;
  /**
   * 'approximate': the number is that of a sketch (HyperLogLog) of all values. 'refuse': the row becomes a dead letter.
   * @default 'approximate'
   */
  readonly beyond?: 'approximate' | 'refuse' | undefined;
  /**
   * Of the sketch, which has 2^precision registers: 10 to 16. The standard error is 3.3 % with 10, 1.6 % with 12, 0.8 % with
   * 14, 0.4 % with 16.
   * @default 12
   */
  readonly precision?: number | undefined;
};

/**
 * How many different values the selector returns. Up to `exactUpTo` of them the number is exact; beyond, a sketch says it
 * with a relative standard error of 1.6 %, or the row becomes a dead letter (`beyond: 'refuse'`). Either is the same whatever
 * the order of events. Values are the same if JSON writes the same of them, whatever order their fields are in. Null and
 * undefined are left out, as in SQL. A value that has no form in JSON, or one of more than 4,096 characters, makes its event
 * a dead letter; so does a whole number beyond 2^53.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ destinations: countDistinct((flight) => flight.destination) });
 * ```
 */
export function countDistinct<Event, Value>(
  selector: HeldSelector<Event, Value>,
  options?: CountDistinctOptions,
): Aggregate<Event, number> {
  return defineAggregate('countDistinct', selector, { options });
}

/** Undefined: there were more than the bound, and nobody wants to know how many. */
type Distinct = { seen: Set<string> | HyperLogLog | undefined };
/** The values' JSON; the sketch; null for more than the bound. */
type Saved = { readonly exact: readonly string[] } | { readonly sketch: SavedSketch } | null;

export const countDistinctKind = withHeldValues(
  'countDistinct',
  (option, given, problems) => {
    const { exactUpTo, beyond, precision } = readAggregateOptions(option, given, rules, problems);
    return distinctOf(exactUpTo, beyond === 'refuse' ? undefined : precision);
  },
  canonical,
);
const rules = {
  exactUpTo: wholeNumber({ atLeast: 0, atMost: 10_000 }, 1_000),
  beyond: oneOf(['approximate', 'refuse'], 'approximate'),
  precision: wholeNumber({ atLeast: 10, atMost: 16 }, 12),
};

function distinctOf(exactUpTo: number, precision: number | undefined): AggregateFunction {
  const sketchOf = (distinct: Distinct): HyperLogLog | undefined => {
    if (precision === undefined) return undefined;
    if (distinct.seen instanceof HyperLogLog) return distinct.seen;
    const sketch = new HyperLogLog(precision);
    for (const text of distinct.seen ?? []) sketch.add(text);
    return sketch;
  };
  const add = (distinct: Distinct, text: string | undefined): Distinct => {
    const { seen } = distinct;
    if (text === undefined || seen === undefined) return distinct;
    seen.add(text);
    if (seen instanceof Set && seen.size > exactUpTo) distinct.seen = sketchOf(distinct);
    return distinct;
  };
  return aggregateFunction<string | undefined, Distinct, Saved, number>({
    kind: 'countDistinct',
    version: 1,
    fingerprint: ['countDistinct', precision ?? 'exact'],
    empty: () => ({ seen: new Set() }),
    add,
    merge(distinct, saved) {
      if (saved === null) distinct.seen = undefined;
      else if ('exact' in saved) for (const text of saved.exact) add(distinct, text);
      else {
        distinct.seen = sketchOf(distinct);
        distinct.seen?.merge(saved.sketch);
      }
      return distinct;
    },
    save: ({ seen }) => {
      if (seen === undefined) return null;
      return seen instanceof Set ? { exact: [...seen] } : { sketch: seen.save() };
    },
    result: ({ seen }) => {
      if (seen instanceof HyperLogLog) return seen.estimate();
      if (seen !== undefined) return seen.size;
      throw new FailedAggregate('invalid-result', `there are more than ${exactUpTo} different values`);
    },
    refuses: refusesHeld,
  }) as AggregateFunction;
}
