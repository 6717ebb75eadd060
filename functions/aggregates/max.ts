import { type Aggregate, aggregateFunction, defineAggregate, withSelector } from './aggregate-function.ts';
import { type MaybeNumber, type NumericResult, type NumericSelector, refusesNoNumber } from './numbers.ts';

/**
 * The greatest of the numbers that the selector returns. Null and undefined are left out, as in SQL; the result is null if
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
 *   .aggregate({ longestDelay: max((flight) => flight.delay) });
 * ```
 */
export function max<Event, Value extends number | null | undefined>(
  selector: NumericSelector<Event, Value>,
): Aggregate<Event, NumericResult<Value>> {
  return defineAggregate('max', selector);
}

const add = (greatest: number | null, value: MaybeNumber): number | null =>
  value === null || value === undefined || (greatest !== null && !(value > greatest)) ? greatest : value;

/** Saved as the number, or null. */
const greatestOf = aggregateFunction<MaybeNumber, number | null, number | null, number | null>({
  kind: 'max',
  version: 1,
  empty: () => null,
  add,
  merge: add,
  save: (greatest) => greatest,
  // JSON has one zero.
  result: (greatest) => (greatest === null ? null : greatest + 0),
  refuses: refusesNoNumber,
});

export const maxKind = withSelector('max', greatestOf);
