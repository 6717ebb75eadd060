import { type Aggregate, aggregateFunction, defineAggregate, withSelector } from './aggregate-function.ts';
import { roundedMean } from './exact-sum.ts';
import type { NumericResult, NumericSelector } from './numbers.ts';
import { summing } from './summing.ts';

/** The arithmetic mean. Null and undefined are left out; null if nothing else was there. */
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
