import type { Rule } from '../pipeline/option-rules.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import {
  type Aggregate,
  type AggregateFunction,
  aggregateFunction,
  defineAggregate,
  withSelector,
} from './aggregate-function.ts';
import { readAggregateOptions } from './aggregate-options.ts';
import { type MaybeNumber, type NumericSelector, refusesNoNumber } from './numbers.ts';
import { RelativeSketch, type SavedRelativeSketch } from './relative-sketch.ts';

/** How exact percentiles are: the third argument of `percentile`. */
export type PercentileOptions = {
  /**
   * The relative error of what is told: 0.001 to 0.2. State grows as it shrinks.
   * @default 0.01
   */
  readonly error?: number | undefined;
};

/** Of one share a number, of a list of shares a list of numbers. */
export type PercentileResult<Value, Shares> =
  | (Shares extends readonly unknown[] ? { -readonly [At in keyof Shares]: number } : number)
  | ([Value] extends [number] ? never : null);

/**
 * The number that a share of all numbers, from 0 to 1, is not greater than: 0.5 is the median, 0.99 the 99th percentile. It
 * is one of them, the one at that place in their order, told with a relative error of 1 %; 0 and 1 are the least and the
 * greatest, exactly. Of a list of shares it is a list. The order of events changes nothing. Numbers of less than 10^-15 of
 * the greatest magnitude count as zero. Null and undefined are left out, as in SQL; the result is null if nothing else was
 * there. An event with another value, or with one that is not finite, becomes a dead letter.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ delays: percentile((flight) => flight.delay, [0.5, 0.9, 0.99]) });
 * ```
 */
export function percentile<
  Event,
  Value extends number | null | undefined,
  const Shares extends number | readonly number[],
>(
  selector: NumericSelector<Event, Value>,
  shares: Shares,
  options?: PercentileOptions,
): Aggregate<Event, PercentileResult<Value, Shares>> {
  return defineAggregate('percentile', selector, { shares: Array.isArray(shares) ? [...shares] : shares, options });
}

export const percentileKind = withSelector('percentile', (option, given, problems) => {
  const { error } = readAggregateOptions(option, given, { error: errorRule }, problems);
  const shares = readShares(`${option}.shares`, given.shares, problems);
  return shares === undefined ? undefined : percentileOf(shares, error);
});

const isIn = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;

const errorRule: Rule<number> = {
  allowed: 'a number from 0.001 to 0.2',
  fallback: 0.01,
  parse: (value) => (isIn(value, 0.001, 0.2) ? { value } : 'refused'),
};

function readShares(option: string, given: unknown, problems: Problem[]): number | readonly number[] | undefined {
  const allowed = 'a number from 0 to 1, such as 0.99, or a list of 1 to 100 of them';
  const isShare = (value: unknown): value is number => isIn(value, 0, 1);
  if (given === undefined) problems.push(missing(option, allowed));
  else if (isShare(given)) return given;
  else if (Array.isArray(given) && given.length >= 1 && given.length <= 100) {
    if (given.every(isShare)) return given;
    problems.push(
      notAllowed(
        option,
        given.find((value) => !isShare(value)),
        allowed,
      ),
    );
  } else problems.push(notAllowed(option, given, allowed));
  return undefined;
}

function percentileOf(shares: number | readonly number[], error: number): AggregateFunction {
  return aggregateFunction<MaybeNumber, RelativeSketch, SavedRelativeSketch, unknown>({
    kind: 'percentile',
    version: 1,
    // Which shares of it are told may change.
    fingerprint: ['percentile', error],
    empty: () => new RelativeSketch(error),
    add(sketch, value) {
      if (value !== null && value !== undefined) sketch.add(value);
      return sketch;
    },
    merge(sketch, saved) {
      sketch.merge(saved);
      return sketch;
    },
    save: (sketch) => sketch.save(),
    result(sketch) {
      if (typeof shares !== 'number') return sketch.at(shares) ?? null;
      return sketch.at([shares])?.[0] ?? null;
    },
    refuses: refusesNoNumber,
  }) as AggregateFunction;
}
