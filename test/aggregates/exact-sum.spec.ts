/** SUM-1: one value whatever the order, rounded once; the cases that naive addition gets wrong. */
import { describe, expect, it } from 'vitest';
import {
  addTo,
  type ExactSum,
  maxSummand,
  mergeSums,
  roundedMean,
  roundedSum,
} from '../../functions/aggregates/exact-sum.ts';

function sumOf(...values: number[]): number {
  const sum: ExactSum = [];
  for (const value of values) addTo(sum, value);
  return roundedSum(sum);
}

describe('an exact sum (SUM-1)', () => {
  it('of nothing is zero, and never minus zero', () => {
    expect(sumOf()).toBe(0);
    expect(sumOf(-0)).toBe(0);
    expect(sumOf(-0, -0)).toBe(0);
    expect(sumOf(0.1, -0.1)).toBe(0);
  });

  it('is the nearest double of the exact decimal value', () => {
    expect(sumOf(0.1, 0.2)).toBe(0.30000000000000004);
    expect(sumOf(...Array<number>(10).fill(0.1))).toBe(1);
    expect(
      Array<number>(10)
        .fill(0.1)
        .reduce((sum, value) => sum + value, 0),
    ).not.toBe(1);
  });

  it.each([
    ['huge first', [1e300, 1, -1e300]],
    ['huge in the middle', [1, 1e300, -1e300]],
    ['huge at the ends', [1e300, -1e300, 1]],
  ])('keeps a tiny term beside huge ones that cancel: %s', (_, values) => {
    expect(sumOf(...values)).toBe(1);
  });

  it('keeps the smallest denormal through a cancellation', () => {
    expect(sumOf(5e-324, 1e16, 1, -1e16, -1)).toBe(5e-324);
    expect(sumOf(5e-324, 5e-324, 5e-324)).toBe(1.5e-323);
  });

  it('counts whole numbers beyond 2^53 one by one', () => {
    expect(sumOf(2 ** 53, 1, 1)).toBe(2 ** 53 + 2);
    expect(sumOf(2 ** 53, 1, -1)).toBe(2 ** 53);
    expect(sumOf(Number.MAX_SAFE_INTEGER, 1, 1, -2)).toBe(Number.MAX_SAFE_INTEGER);
    expect(sumOf(-(2 ** 53), -1, -1, -1, 3)).toBe(-(2 ** 53));
  });

  it('rounds half to even, and looks at what lies below the tie', () => {
    expect(sumOf(2 ** 53, 1)).toBe(2 ** 53);
    expect(sumOf(2 ** 53 + 2, 1)).toBe(2 ** 53 + 4);
    expect(sumOf(2 ** 53, 1, 2 ** -40)).toBe(2 ** 53 + 2);
    expect(sumOf(2 ** 53 + 2, 1, -(2 ** -40))).toBe(2 ** 53 + 2);
    expect(sumOf(-(2 ** 53), -1, -(2 ** -40))).toBe(-(2 ** 53) - 2);
  });

  it('keeps whole numbers in a single element', () => {
    const sum: ExactSum = [];
    for (let value = 1; value <= 1000; value++) addTo(sum, value);
    expect(sum).toEqual([500_500]);
  });

  it('holds many terms of the largest size that is let in', () => {
    expect(sumOf(...Array<number>(1024).fill(maxSummand))).toBe(2 ** 910);
  });

  it('merges a sum into itself and into an empty one', () => {
    const sum: ExactSum = [];
    for (const value of [1e16, 0.1, -3]) addTo(sum, value);
    const copy: ExactSum = [];
    mergeSums(copy, sum);
    expect(roundedSum(copy)).toBe(roundedSum(sum));
    mergeSums(copy, [...sum]);
    expect(roundedSum(copy)).toBe(2 * roundedSum(sum));
    mergeSums(copy, []);
    expect(roundedSum(copy)).toBe(2 * roundedSum(sum));
  });
});

describe('a mean', () => {
  const meanOf = (...values: number[]): number => {
    const sum: ExactSum = [];
    for (const value of values) addTo(sum, value);
    return roundedMean(sum, values.length);
  };

  it('is rounded once, not as a sum and then again (SUM-2)', () => {
    expect(sumOf(0.1, 0.1, 0.1) / 3).toBe(0.10000000000000002);
    expect(meanOf(0.1, 0.1, 0.1)).toBe(0.1);
    expect(meanOf(-0.1, -0.1, -0.1)).toBe(-0.1);
  });

  it('of large values that cancel keeps the small ones', () => {
    expect(meanOf(2 ** 900, 1, -(2 ** 900), 1)).toBe(0.5);
  });

  it('of the smallest doubles is rounded half to even', () => {
    expect(meanOf(1, 5e-324, -1, 0)).toBe(0);
    expect(meanOf(1, 15e-324, -1, 0)).toBe(5e-324);
  });

  it('of nothing that is left is no negative zero', () => {
    expect(meanOf(-5e-324, 0, 0)).toBe(0);
  });
});
