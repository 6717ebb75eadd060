/** MOMENTS-1: variance against whole-number arithmetic, of any numbers, in any parts and any order. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AggregateFunction } from '../../functions/aggregates/aggregate-function.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import { toDouble, toUnits } from '../simulation/exact-arithmetic.ts';
import { choices, fold, mergedAnyhow } from './merged-anyhow.ts';

const functionOf = (kind: string, of: string): AggregateFunction =>
  aggregateKinds.of({ kind })!.read(kind, { selector: () => 1, options: { of } }, [])!.fn;

/** In units of 2^-2148, all of them and so many times: the mean of the squares of distances from the mean. */
function exactly(values: readonly number[], fewer: bigint): number | null {
  const n = BigInt(values.length);
  if (n <= fewer) return null;
  const units = values.map(toUnits);
  const total = units.reduce((sum, each) => sum + each, 0n);
  const spread = units.reduce((sum, each) => sum + (n * each - total) ** 2n, 0n);
  return toDouble(spread, (n ** 2n * (n - fewer)) << 1_074n);
}

const limit = 2 ** 450;
const number = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }).filter((value) => value === 0 || Math.abs(value) > 1e-100),
  fc.maxSafeInteger(),
  // Their squares are about as large as a double counts by ones.
  fc.integer({ min: 94_900_000, max: 95_000_000 }).map((value) => value / 4),
  fc.integer({ min: 94_900_000, max: 95_000_000 }),
  fc.integer().map((value) => 1e9 + value / 1e10),
  fc.constantFrom(0.1, 0.2, -0.3, 1e100, -limit, limit, 2 ** 53, 1e-100, -0),
);
const numbers = fc.array(number, { maxLength: 12 });

it.each([
  ['sample', 1n],
  ['population', 0n],
] as const)('of a %s is the exact one, rounded once', (of, fewer) => {
  fc.assert(
    fc.property(numbers, (values) => {
      const fn = functionOf('variance', of);
      expect(fn.result(fold(fn, values))).toBe(exactly(values, fewer));
    }),
    { numRuns: 2_000 },
  );
});

it('is the same of any parts, merged in any order, and its root is the deviation', () => {
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 6 }), choices, (parts, chosen) => {
      const right = exactly(parts.flat(), 1n);
      const [spread, root] = ['variance', 'stddev'].map((kind) => {
        const fn = functionOf(kind, 'sample');
        return fn.result(mergedAnyhow(fn, parts, chosen));
      });
      expect(spread).toBe(right);
      expect(root).toBe(right === null ? null : Math.sqrt(right));
    }),
    { numRuns: 1_000 },
  );
});

it('of numbers whose squares no double holds is the same in any order, and not negative', () => {
  const tiny = fc.double({ noNaN: true, min: -1e-160, max: 1e-160 });
  fc.assert(
    fc.property(
      fc.array(fc.array(tiny, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      choices,
      (parts, chosen) => {
        const fn = functionOf('variance', 'population');
        const result = fn.result(mergedAnyhow(fn, parts, chosen)) as number | null;
        expect(result).toBe(fn.result(fold(fn, parts.flat())));
        expect(result ?? 0).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
