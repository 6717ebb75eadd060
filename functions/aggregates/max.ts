import { type Aggregate, aggregateFunction, defineAggregate, withSelector } from './aggregate-function.ts';
import { type MaybeNumber, type NumericResult, type NumericSelector, refusesNoNumber } from './numbers.ts';

/** The greatest number. Null and undefined are left out; null if nothing else was there. */
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
