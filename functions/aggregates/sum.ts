import { type Aggregate, aggregateFunction, defineAggregate, withSelector } from './aggregate-function.ts';
import { roundedSum } from './exact-sum.ts';
import type { NumericResult, NumericSelector } from './numbers.ts';
import { summing } from './summing.ts';

/** The exact sum, rounded once. Null and undefined are left out; null if nothing else was there. */
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
