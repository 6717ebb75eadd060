/** `variance` and `stddev` by hand. */
import { describe, expect, it } from 'vitest';
import type { AggregateFunction } from '../../functions/aggregates/aggregate-function.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import type { Problem } from '../../functions/pipeline/problems.ts';
import { fold } from './merged-anyhow.ts';

function functionOf(kind: string, options?: unknown, problems: Problem[] = []): AggregateFunction {
  return aggregateKinds.of({ kind })!.read(`aggregate.${kind}`, { selector: () => 1, options }, problems)!.fn;
}
const variance = (values: readonly (number | null)[], of = 'sample') => {
  const fn = functionOf('variance', { of });
  return fn.result(fold(fn, values));
};

describe('variance', () => {
  it('of a sample divides by one less than the number, of a population by the number', () => {
    expect(variance([2, 4, 4, 4, 5, 5, 7, 9], 'population')).toBe(4);
    expect(variance([2, 4, 4, 4, 5, 5, 7, 9])).toBe(32 / 7);
    const fn = functionOf('stddev', { of: 'population' });
    expect(fn.result(fold(fn, [2, 4, 4, 4, 5, 5, 7, 9]))).toBe(2);
  });

  it('is that of a sample where nothing else is said', () => {
    for (const kind of ['variance', 'stddev']) {
      const fn = functionOf(kind);
      expect(fn.result(fold(fn, [1, 3]))).toBe(kind === 'variance' ? 2 : Math.sqrt(2));
    }
  });

  it('of too little is null: of nothing, and for a sample of one number (AGGREGATE-3)', () => {
    expect(variance([])).toBeNull();
    expect(variance([], 'population')).toBeNull();
    expect(variance([null, 7, null])).toBeNull();
    expect(variance([null, 7, null], 'population')).toBe(0);
  });

  it('of large numbers close to each other keeps what a plain sum of squares loses', () => {
    expect(variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toBe(30);
    expect(variance([1e15 + 4, 1e15 + 7, 1e15 + 13, 1e15 + 16])).toBe(30);
    expect(variance([0.1, 0.1, 0.1])).toBe(0);
  });

  it('of numbers so small that their squares are rounded to nothing is not negative', () => {
    expect(variance([1.5e-162, 1.5e-162])).toBe(0);
  });

  it('takes numbers up to 2^450, and no larger one', () => {
    const { refuses } = functionOf('variance');
    expect(variance([2 ** 450, -(2 ** 450)], 'population')).toBe(2 ** 900);
    expect(refuses(2 ** 450)).toBeUndefined();
    expect(refuses(-(2 ** 451))).toMatch(/too large to square exactly$/);
    expect(refuses('1')).toMatch(/is not a finite number$/);
  });

  it('is saved as [count, sum, squares], and both forms of it are one (fingerprint)', () => {
    for (const kind of ['variance', 'stddev']) {
      const fn = functionOf(kind);
      expect(fn.save(fold(fn, [1, 2, null]))).toEqual([2, [3], [5]]);
      expect(fn.save(fold(fn, [0.1]))).toEqual([1, [0.1], [-8.326672684688674e-19, 0.010000000000000002]]);
      expect(fn.save(fn.empty())).toEqual([0, [], []]);
      expect(fn.fingerprint).toEqual([kind]);
      expect(functionOf(kind, { of: 'population' }).fingerprint).toEqual([kind]);
    }
  });
});

it.each<[unknown, string]>([
  [{ of: 'all' }, "aggregate.variance.of: 'all' is not allowed; use 'sample' or 'population'"],
  [{ off: 'sample' }, 'aggregate.variance.off: there is no such option; did you mean of?'],
  ['population', "aggregate.variance: 'population' is not allowed; use an object of options"],
])('what is wrong with its options is told: %o', (options, message) => {
  const problems: Problem[] = [];
  functionOf('variance', options, problems);
  expect(problems.map((problem) => problem.message)).toEqual([message]);
});
