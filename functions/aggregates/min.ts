import { type Aggregate, aggregateFunction, defineAggregate, withSelector } from './aggregate-function.ts';
import { type MaybeNumber, type NumericResult, type NumericSelector, refusesNoNumber } from './numbers.ts';

/**
 * The least of the numbers that the selector returns. Null and undefined are left out, as in SQL; the result is null if
 * nothing else was there. An event with another value, or with one that is not finite, becomes a dead letter.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ shortestDelay: min((flight) => flight.delay) });
 * ```
 */
export function min<Event, Value extends number | null | undefined>(
  selector: NumericSelector<Event, Value>,
): Aggregate<Event, NumericResult<Value>> {
  return defineAggregate('min', selector);
}

const add = (least: number | null, value: MaybeNumber): number | null =>
  value === null || value === undefined || (least !== null && !(value < least)) ? least : value;

/** Saved as the number, or null. */
const leastOf = aggregateFunction<MaybeNumber, number | null, number | null, number | null>({
  kind: 'min',
  version: 1,
  empty: () => null,
  add,
  merge: add,
  save: (least) => least,
  // JSON has one zero.
  result: (least) => (least === null ? null : least + 0),
  refuses: refusesNoNumber,
});

export const minKind = withSelector('min', leastOf);
