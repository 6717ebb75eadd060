import { type Aggregate, aggregateFunction, defineAggregate, withSelector } from './aggregate-function.ts';
import { roundedMean } from './exact-sum.ts';
import type { NumericResult, NumericSelector } from './numbers.ts';
import { summing } from './summing.ts';

/**
 * The arithmetic mean of the numbers that the selector returns: their exact sum divided by their number, rounded once. Null and
 * undefined are left out, as in SQL; the result is null if nothing else was there. An event with
 * another value, one that is not finite, or one beyond 2^900 becomes a dead letter.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ averageDelay: avg((flight) => flight.delay) });
 * ```
 */
export function avg<Event, Value extends number | null | undefined>(
  selector: NumericSelector<Event, Value>,
): Aggregate<Event, NumericResult<Value>> {
  return defineAggregate('avg', selector);
}

const mean = aggregateFunction({
  kind: 'avg',
  ...summing,
  result: ({ count, terms }) => (count === 0 ? null : roundedMean(terms, count)),
});

export const avgKind = withSelector('avg', mean);
