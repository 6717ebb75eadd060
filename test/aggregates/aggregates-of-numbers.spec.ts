/** AGGREGATE-1 to AGGREGATE-3 by hand, for the aggregates of numbers. */
import { describe, expect, it } from 'vitest';
import type { AggregateFunction } from '../../functions/aggregates/aggregate-function.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';

const kinds = ['count', 'sum', 'min', 'max', 'avg'];
const functionOf = (kind: string): AggregateFunction =>
  aggregateKinds.of({ kind })!.read(kind, { selector: (value: unknown) => value }, [])!.fn;
const functions = kinds.map(functionOf);

function of(values: readonly (number | null | undefined)[]) {
  const accumulators = functions.map((fn) => values.reduce((into: unknown, value) => fn.add(into, value), fn.empty()));
  return {
    results: functions.map((fn, at) => fn.result(accumulators[at])),
    saved: functions.map((fn, at) => fn.save(accumulators[at])),
  };
}
const problemWith = (kind: string, value: unknown): string | undefined => functionOf(kind).refuses(value);

describe('aggregates', () => {
  it('give count, sum, least, greatest and mean', () => {
    expect(of([3, -1.5, 4]).results).toEqual([3, 5.5, -1.5, 4, 5.5 / 3]);
  });

  it('leave null and undefined out of everything but the count of events (AGGREGATE-3)', () => {
    expect(of([null, 2, undefined, 4]).results).toEqual([4, 6, 2, 4, 3]);
  });

  it('of nothing but nulls are null; the count of nothing is 0 (AGGREGATE-3)', () => {
    expect(of([null, undefined]).results).toEqual([2, null, null, null, null]);
    expect(of([]).results).toEqual([0, null, null, null, null]);
  });

  it('know one zero, as JSON does', () => {
    expect(of([-0]).results).toEqual([1, 0, 0, 0, 0]);
  });

  it('of zeros are zero, not null (AGGREGATE-3)', () => {
    expect(of([0]).results).toEqual([1, 0, 0, 0, 0]);
  });

  it('are saved as counts, [count, ...terms] and the value or null', () => {
    expect(of([1, 2]).saved).toEqual([2, [2, 3], 1, 2, [2, 3]]);
    expect(of([]).saved).toEqual([0, [0], null, null, [0]]);
  });

  it('never share a list between two keys', () => {
    const fn = functionOf('sum');
    const [one, other] = [fn.empty(), fn.empty()];
    expect(fn.result(fn.add(one, 5))).toBe(5);
    expect(fn.result(other)).toBeNull();
  });

  it('merge nothing as nothing (AGGREGATE-1)', () => {
    const [seven, nothing] = [of([7]).saved, of([]).saved];
    const merged = functions.map((fn, at) => fn.merge(fn.merge(fn.empty(), seven[at]), nothing[at]));
    expect(functions.map((fn, at) => fn.result(merged[at]))).toEqual([1, 7, 7, 7, 7]);
  });
});

describe('values that are refused', () => {
  it.each([
    ['a string', '1'],
    ['a boolean', true],
    ['an object', {}],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['infinity', -Infinity],
  ])('are %s, for every aggregate of numbers', (_, value) => {
    for (const kind of kinds.slice(1)) expect(problemWith(kind, value)).toMatch(/is not a finite number$/);
  });

  it('are what could overflow an exact sum, and nothing smaller', () => {
    expect(problemWith('sum', 2 ** 900)).toBeUndefined();
    expect(problemWith('avg', -(2 ** 900) * 1.5)).toMatch(/too large/);
    expect(problemWith('sum', 1e300)).toMatch(/too large/);
    expect(problemWith('max', 1e300)).toBeUndefined();
  });

  it('are not null, undefined or any ordinary number', () => {
    for (const value of [null, undefined, 0, -0.5, 5e-324]) expect(problemWith('sum', value)).toBeUndefined();
  });
});
