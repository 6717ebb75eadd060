import { type Aggregate, aggregateFunction, defineAggregate, withSelector } from './aggregate-function.ts';
import { roundedSum } from './exact-sum.ts';
import type { NumericResult, NumericSelector } from './numbers.ts';
import { summing } from './summing.ts';

/**
 * The sum of the numbers that the selector returns. It is computed exactly and rounded once, at the end, so the order of events
 * changes nothing. Null and undefined are left out, as in SQL; the result is null if nothing else was there. An event with
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
 *   .aggregate({ miles: sum((flight) => flight.distance) });
 * ```
 */
export function sum<Event, Value extends number | null | undefined>(
  selector: NumericSelector<Event, Value>,
): Aggregate<Event, NumericResult<Value>> {
  return defineAggregate('sum', selector);
}

const exactSum = aggregateFunction({
  kind: 'sum',
  ...summing,
  result: ({ count, terms }) => (count === 0 ? null : roundedSum(terms)),
});

export const sumKind = withSelector('sum', exactSum);
