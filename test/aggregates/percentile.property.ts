/** BUCKET-1 and BUCKET-2: percentiles of any numbers, within the error, in any parts and any order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AggregateFunction } from '../../functions/aggregates/aggregate-function.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import type { RelativeSketch } from '../../functions/aggregates/relative-sketch.ts';
import type { Problem } from '../../functions/pipeline/problems.ts';
import { choices, fold, mergedAnyhow, saved } from './merged-anyhow.ts';

function functionOf(shares: unknown, options?: unknown, problems: Problem[] = []): AggregateFunction | undefined {
  const kind = aggregateKinds.of({ kind: 'percentile' })!;
  return kind.read('aggregate.delay', { selector: () => 1, shares, options }, problems)?.fn;
}
const resultOf = (values: readonly unknown[], shares: unknown, options?: unknown): unknown => {
  const fn = functionOf(shares, options)!;
  return fn.result(fold(fn, values));
};
const shares = [0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 1];

/** The least that at least so many are not greater than, by whole thousandths. */
function exactly(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = Number((BigInt(Math.round(share * 1_000)) * BigInt(sorted.length) + 999n) / 1_000n);
  return sorted[Math.max(1, rank) - 1]!;
}

const spread = fc
  .tuple(fc.constantFrom(-1, 1), fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -7, max: 6 }))
  .map(([sign, digits, exponent]) => sign * digits * 10 ** exponent);
const number = fc.oneof(fc.integer({ min: -100, max: 100 }), spread, fc.constantFrom(0, -0, 0.1));
const numbers = fc.array(number, { maxLength: 40 });

describe('percentiles', () => {
  it.each([0.001, 0.01, 0.2])('are told with a relative error of %d (BUCKET-2)', (error) => {
    fc.assert(
      fc.property(numbers, (values) => {
        const told = resultOf(values, shares, { error }) as number[] | null;
        expect(told === null).toBe(values.length === 0);
        if (told === null) return;
        for (const [at, share] of shares.entries()) {
          const right = exactly(values, share);
          // The logarithm is rounded.
          expect(Math.abs(told[at]! - right)).toBeLessThanOrEqual(error * (1 + 1e-9) * Math.abs(right));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('are the same of any parts, merged in any order, also of numbers that are cut (BUCKET-1)', () => {
    const any = fc.oneof(number, fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(fc.array(fc.array(any, { maxLength: 10 }), { maxLength: 6 }), choices, (parts, chosen) => {
        const fn = functionOf(shares)!;
        const merged = mergedAnyhow(fn, parts, chosen);
        expect(fn.result(merged)).toEqual(resultOf(parts.flat(), shares));
        expect(saved(fn, merged)).toEqual(saved(fn, fold(fn, parts.flat())));
      }),
      { numRuns: 1_000 },
    );
  });

  it('are the number at a place in their order, not one between two', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
    expect(resultOf(hundred, 0)).toBe(1);
    expect(resultOf(hundred, 0.01)).toBe(1);
    expect(resultOf(hundred, 1)).toBe(100);
    expect(Math.round(resultOf(hundred, 0.07, { error: 0.001 }) as number)).toBe(7);
    expect(Math.round(resultOf(hundred, 0.071, { error: 0.001 }) as number)).toBe(8);
    expect(resultOf([7], [0, 0.5, 1])).toEqual([7, 7, 7]);
  });

  it('know negative numbers, and one zero', () => {
    expect(resultOf([-0, -0, 0], [0, 0.5, 1])).toEqual([0, 0, 0]);
    expect(resultOf([-5, -1, 0, 1, 5], [0, 0.6, 1])).toEqual([-5, 0, 5]);
    const [median] = resultOf([-30, -20, -10], [0.5]) as [number];
    expect(Math.abs(median + 20)).toBeLessThanOrEqual(0.2);
  });

  it('take what is less than 10^-15 of the greatest for zero, and the largest and smallest doubles as they are', () => {
    expect(resultOf([-1, 1e-20, 1e-20, 1], [0, 0.5, 1])).toEqual([-1, 0, 1]);
    expect(resultOf([-1, -1e-20, -1e-20, 1], [0, 0.5, 1])).toEqual([-1, 0, 1]);
    expect(resultOf([-1, 1e-14, 1e-14, 1], 0.5)).toBeCloseTo(1e-14, 15);
    // Never below the least, which is known.
    expect(resultOf([1e-20, 1e-20, 1], 0.5)).toBe(1e-20);
    const greatest = Number.MAX_VALUE;
    expect(resultOf([-greatest, greatest, greatest, greatest], [0, 0.5, 1])).toEqual([
      -greatest,
      expect.toSatisfy((told: number) => told >= greatest * 0.99 && told <= greatest),
      greatest,
    ]);
    expect(resultOf([5e-324, 5e-324, 5e-324], [0, 0.5])).toEqual([5e-324, 5e-324]);
  });

  it('leave null out, and are null of nothing else (AGGREGATE-3)', () => {
    expect(resultOf([null, 3, undefined], 0.5)).toBe(3);
    expect(resultOf([null], 0.5)).toBeNull();
    expect(resultOf([], [0.5])).toBeNull();
  });

  it('never hold more than the buckets of 15 orders of magnitude, on each side (AGGREGATE-5)', () => {
    const fn = functionOf(0.5, { error: 0.2 })!;
    const wide = Array.from(
      { length: 4_000 },
      (_, at) => (at % 2 === 0 ? 1 : -1) * 1.4 ** (((at * 31) % 2_000) - 1_000),
    );
    const most = Math.ceil((15 * Math.LN10) / Math.log(1.2 / 0.8));
    const sketch = fold(fn, wide) as RelativeSketch;
    expect(Math.max(sketch.negative.size, sketch.positive.size)).toBeLessThanOrEqual(2 * most + 1);
    const [, , zeros, negative, positive] = saved(fn, sketch) as [number, number, number, number[], number[]];
    expect(Math.max(negative.length, positive.length)).toBeLessThanOrEqual(2 * most);
    expect(zeros).toBeGreaterThan(3_000);
  });

  it('are saved as [least, greatest, zeros, negative, positive], for ever', () => {
    const fn = functionOf([0.5, 0.9])!;
    expect(saved(fn, fold(fn, [0, 1, 1, 2, -4]))).toEqual([-4, 2, 1, [70, 1], [0, 2, 35, 1]]);
    expect(saved(fn, fn.empty())).toEqual([0, 0, 0, [], []]);
    expect(fn.fingerprint).toEqual(['percentile', 0.01]);
    expect(functionOf(0.1, { error: 0.02 })!.fingerprint).toEqual(['percentile', 0.02]);
  });
});

const allowed = 'use a number from 0 to 1, such as 0.99, or a list of 1 to 100 of them';
it.each<[unknown, unknown, string]>([
  [99, undefined, `aggregate.delay.shares: 99 is not allowed; ${allowed}`],
  [[0.5, -0.1], undefined, `aggregate.delay.shares: -0.1 is not allowed; ${allowed}`],
  [[], undefined, `aggregate.delay.shares: a list is not allowed; ${allowed}`],
  [undefined, undefined, `aggregate.delay.shares: nothing is given; ${allowed}`],
  [0, { error: 0.3 }, 'aggregate.delay.error: 0.3 is not allowed; use a number from 0.001 to 0.2'],
])('what is wrong with its arguments is told: %o, %o', (given, options, message) => {
  const problems: Problem[] = [];
  functionOf(given, options, problems);
  expect(problems.map((problem) => problem.message)).toEqual([message]);
});
