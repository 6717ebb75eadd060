/** E1 and E2 against whole-number arithmetic: every double is a multiple of 2^-1074. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addTo, type ExactSum, mergeSums, roundedMean, roundedSum } from '../../functions/core/exact-sum.ts';

const scale = 1074n;

/** The double in units of 2^-1074. */
function toUnits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const units = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 1n ? -units : units;
}

/** The nearest double of a fraction of units, half to even: of two neighbours the one that is less far. */
function toDouble(units: bigint, divisor = 1n): number {
  const size = units < 0n ? -units : units;
  let extra = 0n;
  while (size >> extra >= divisor << 53n) extra += 1n;
  let kept = size / (divisor << extra);
  const below = size - kept * (divisor << extra);
  const above = (kept + 1n) * (divisor << extra) - size;
  if (above < below || (above === below && kept % 2n === 1n)) kept += 1n;
  // Powers of two one after the other: each step is exact, also where the result is a denormal.
  let value = Number(kept);
  let exponent = Number(extra - scale);
  for (; exponent > 500; exponent -= 500) value *= 2 ** 500;
  for (; exponent < -500; exponent += 500) value *= 2 ** -500;
  return (units < 0n ? -1 : 1) * value * 2 ** exponent + 0;
}

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

it('is the exact sum, rounded once (E1)', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      expect(roundedSum(sumOf(values))).toBe(exactly(values));
    }),
    { numRuns: 3_000 },
  );
});

it('is exact also when nearly everything cancels (E1)', () => {
  fc.assert(
    fc.property(numbers, numbers, (values, few) => {
      const cancelling = [...values, ...few, ...values.map((value) => -value)];
      expect(roundedSum(sumOf(cancelling))).toBe(exactly(few));
    }),
    { numRuns: 1_000 },
  );
});

it('does not depend on order or grouping (E1)', () => {
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

it('is the same after it was saved as JSON (E1)', () => {
  fc.assert(
    fc.property(numbers, numbers, (before, after) => {
      const restored: ExactSum = JSON.parse(JSON.stringify(sumOf(before)));
      for (const value of after) addTo(restored, value);
      expect(roundedSum(restored)).toBe(exactly([...before, ...after]));
    }),
  );
});

const counted = fc.integer({ min: 1, max: 2 ** 40 });

it('has a mean that is the exact one, rounded once (E2)', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 30 }), counted, (values, count) => {
      const units = values.reduce((sum, value) => sum + toUnits(value), 0n);
      expect(roundedMean(sumOf(values), values.length)).toBe(toDouble(units, BigInt(values.length)));
      expect(roundedMean(sumOf(values), count)).toBe(toDouble(units, BigInt(count)));
    }),
    { numRuns: 3_000 },
  );
});
