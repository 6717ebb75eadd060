/** SUM-1 and SUM-2 against whole-number arithmetic: every double is a multiple of 2^-1074. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addTo, type ExactSum, mergeSums, roundedMean, roundedSum } from '../../functions/aggregates/exact-sum.ts';
import { toDouble, toUnits } from '../simulation/exact-arithmetic.ts';

const exactly = (values: readonly number[]): number =>
  toDouble(values.reduce((sum, value) => sum + toUnits(value), 0n));

const limit = 2 ** 900;
const number = fc.oneof(
  fc.double({ min: -limit, max: limit, noNaN: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer().map((value) => value / 10),
  fc.maxSafeInteger(),
  fc.constantFrom(
    2 ** 53,
    -(2 ** 53),
    2 ** 53 + 2,
    1,
    -1,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    1e300,
    -1e300,
    2 ** -53,
    -0,
  ),
);
const numbers = fc.array(number, { maxLength: 30 });

function sumOf(values: readonly number[]): ExactSum {
  const sum: ExactSum = [];
  for (const value of values) addTo(sum, value);
  return sum;
}

it('is the exact sum, rounded once (SUM-1)', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      expect(roundedSum(sumOf(values))).toBe(exactly(values));
    }),
    { numRuns: 3_000 },
  );
});

it('is exact also when nearly everything cancels (SUM-1)', () => {
  fc.assert(
    fc.property(numbers, numbers, (values, few) => {
      const cancelling = [...values, ...few, ...values.map((value) => -value)];
      expect(roundedSum(sumOf(cancelling))).toBe(exactly(few));
    }),
    { numRuns: 1_000 },
  );
});

it('does not depend on order or grouping (SUM-1)', () => {
  fc.assert(
    fc.property(numbers, numbers, numbers, (first, second, third) => {
      const all = roundedSum(sumOf([...first, ...second, ...third]));
      const merged = sumOf(third);
      const inner = sumOf(second);
      mergeSums(inner, sumOf(first));
      mergeSums(merged, inner);
      expect(roundedSum(merged)).toBe(all);
      expect(roundedSum(sumOf([...first, ...second, ...third].reverse()))).toBe(all);
    }),
    { numRuns: 1_000 },
  );
});

it('is the same after it was saved as JSON (SUM-1)', () => {
  fc.assert(
    fc.property(numbers, numbers, (before, after) => {
      const restored: ExactSum = JSON.parse(JSON.stringify(sumOf(before)));
      for (const value of after) addTo(restored, value);
      expect(roundedSum(restored)).toBe(exactly([...before, ...after]));
    }),
  );
});

const counted = fc.integer({ min: 1, max: 2 ** 40 });

it('has a mean that is the exact one, rounded once (SUM-2)', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 30 }), counted, (values, count) => {
      const units = values.reduce((sum, value) => sum + toUnits(value), 0n);
      expect(roundedMean(sumOf(values), values.length)).toBe(toDouble(units, BigInt(values.length)));
      expect(roundedMean(sumOf(values), count)).toBe(toDouble(units, BigInt(count)));
    }),
    { numRuns: 3_000 },
  );
});
