/** A1, A2 by hand. */
import { describe, expect, it } from 'vitest';
import {
  accumulate,
  emptyAccumulators,
  mergeAccumulator,
  problemWith,
  resultOf,
  saveAccumulator,
} from '../../functions/core/accumulators.ts';
import type { AggregateKind } from '../../functions/pipeline/pipeline.ts';

const kinds: readonly AggregateKind[] = ['count', 'sum', 'min', 'max', 'avg'];
const specs = kinds.map((kind) => ({ name: kind, kind, selector: undefined }));

function of(values: readonly (number | null | undefined)[]) {
  const accumulators = emptyAccumulators(specs);
  for (const value of values)
    kinds.forEach((kind, at) => {
      accumulate(kind, accumulators[at]!, value);
    });
  return {
    results: kinds.map((kind, at) => resultOf(kind, accumulators[at]!)),
    saved: kinds.map((kind, at) => saveAccumulator(kind, accumulators[at]!)),
  };
}

describe('accumulators', () => {
  it('give count, sum, least, greatest and mean', () => {
    expect(of([3, -1.5, 4]).results).toEqual([3, 5.5, -1.5, 4, 5.5 / 3]);
  });

  it('leave null and undefined out of everything but the count of events (A2)', () => {
    expect(of([null, 2, undefined, 4]).results).toEqual([4, 6, 2, 4, 3]);
  });

  it('of nothing but nulls are null; the count of nothing is 0 (A2)', () => {
    expect(of([null, undefined]).results).toEqual([2, null, null, null, null]);
    expect(of([]).results).toEqual([0, null, null, null, null]);
  });

  it('of zeros are zero, not null (A2)', () => {
    expect(of([0]).results).toEqual([1, 0, 0, 0, 0]);
  });

  it('are saved as counts, [count, ...terms] and the value or null', () => {
    expect(of([1, 2]).saved).toEqual([2, [2, 3], 1, 2, [2, 3]]);
    expect(of([]).saved).toEqual([0, [0], null, null, [0]]);
  });

  it('never share a list between two keys', () => {
    const [one] = emptyAccumulators([specs[1]!]);
    const [other] = emptyAccumulators([specs[1]!]);
    accumulate('sum', one!, 5);
    expect(resultOf('sum', other!)).toBeNull();
  });

  it('merge nothing as nothing (A1)', () => {
    const accumulators = emptyAccumulators(specs);
    of([7]).saved.forEach((saved, at) => {
      mergeAccumulator(kinds[at]!, accumulators[at]!, saved);
    });
    of([]).saved.forEach((saved, at) => {
      mergeAccumulator(kinds[at]!, accumulators[at]!, saved);
    });
    expect(kinds.map((kind, at) => resultOf(kind, accumulators[at]!))).toEqual([1, 7, 7, 7, 7]);
  });
});

describe('problemWith', () => {
  it.each([
    ['a string', '1'],
    ['a boolean', true],
    ['an object', {}],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['infinity', -Infinity],
  ])('refuses %s for every aggregate', (_, value) => {
    for (const kind of kinds) expect(problemWith(kind, value)).toMatch(/is not a finite number$/);
  });

  it('refuses what could overflow an exact sum, and nothing smaller', () => {
    expect(problemWith('sum', 2 ** 900)).toBeUndefined();
    expect(problemWith('avg', -(2 ** 900) * 1.5)).toMatch(/too large/);
    expect(problemWith('sum', 1e300)).toMatch(/too large/);
    expect(problemWith('max', 1e300)).toBeUndefined();
  });

  it('takes null, undefined and every ordinary number', () => {
    for (const value of [null, undefined, 0, -0.5, 5e-324]) expect(problemWith('sum', value)).toBeUndefined();
  });
});
