/** TOP-1 and TOP-2: exact up to the bound, and within the error that is told beyond. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadAggregate } from '../../functions/aggregates/aggregate-function.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import type { Frequent } from '../../functions/index.ts';
import type { Problem } from '../../functions/pipeline/problems.ts';
import { choices, fold, mergedAnyhow, saved } from './merged-anyhow.ts';

function read(k: unknown, options?: unknown, problems: Problem[] = []): ReadAggregate | undefined {
  const given = { selector: (value: unknown) => value, k, options };
  return aggregateKinds.of({ kind: 'topK' })!.read('aggregate.top', given, problems);
}
const topOf = (values: readonly unknown[], k: number, options?: object): unknown => {
  const { fn, selector } = read(k, options)!;
  return fn.result(
    fold(
      fn,
      values.map((value) => selector!(value as never, {} as never)),
    ),
  );
};

function countsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
const bound = 10;
/** Some of many, a few of them often. */
const texts = fc.array(
  fc.oneof({ weight: 2, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: fc.nat({ max: 60 }) }).map(String),
  { maxLength: 60 },
);

it('is exact up to the bound and within the error beyond, of any parts in any order (TOP-1, TOP-2)', () => {
  let [exact, beyond] = [0, 0];
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 6 }), choices, (parts, chosen) => {
      const { fn } = read(bound / 2, { exactUpTo: bound })!;
      const told = fn.result(mergedAnyhow(fn, parts, chosen)) as Frequent<number>[];
      const counts = countsOf(parts.flat());
      const right = [...counts].sort(([one, often], [other, less]) => less - often || (one < other ? -1 : 1));
      if (counts.size <= bound) {
        exact += 1;
        expect(told).toEqual(
          right.slice(0, bound / 2).map(([text, count]) => ({ value: Number(text), count, error: 0 })),
        );
        return;
      }
      beyond += 1;
      const error = told[0]?.error ?? 0;
      expect(error).toBeLessThanOrEqual(parts.flat().length / (bound / 2 + 1));
      for (const { value, count } of told) {
        const really = counts.get(String(value))!;
        expect(count).toBeLessThanOrEqual(really);
        expect(count + error).toBeGreaterThanOrEqual(really);
      }
      // What was there more often than that is among them: no more than the bound's half can be.
      const often = right.filter(([, count]) => told.length > 0 && count > error + (told.at(-1)?.count ?? 0));
      expect(told.map(({ value }) => String(value))).toEqual(expect.arrayContaining(often.map(([text]) => text)));
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(exact, beyond)).toBeGreaterThan(300);
});

describe('topK', () => {
  it('gives the most frequent values first, and of equally frequent ones those whose JSON comes first', () => {
    expect(topOf(['b', 'a', 'c', 'c', 'b', 'd', 'c'], 3)).toEqual([
      { value: 'c', count: 3, error: 0 },
      { value: 'b', count: 2, error: 0 },
      { value: 'a', count: 1, error: 0 },
    ]);
    expect(topOf([{ b: 1, a: 2 }, { a: 2, b: 1 }, null, true], 2)).toEqual([
      { value: { a: 2, b: 1 }, count: 2, error: 0 },
      { value: true, count: 1, error: 0 },
    ]);
    expect(topOf([null], 2)).toEqual([]);
  });

  it('says by how much counts may be too small once there were more values than its bound', () => {
    const often = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 'often' : `once ${at}`));
    const [first] = topOf(often, 1, { exactUpTo: 10 }) as Frequent<string>[];
    expect(first).toMatchObject({ value: 'often' });
    expect(first!.count).toBeLessThan(50);
    expect(first!.count + first!.error).toBeGreaterThanOrEqual(50);
  });

  it('never holds more than its bound (AGGREGATE-5)', () => {
    const { fn } = read(5, { exactUpTo: 10 })!;
    const many = Array.from({ length: 100 }, (_, at) => `${at}`);
    expect((saved(fn, fold(fn, many)) as [number, unknown[]])[1].length).toBeLessThanOrEqual(10);
  });

  it('is saved as [error, [[JSON, count], …]], for ever', () => {
    const { fn } = read(2)!;
    expect(saved(fn, fold(fn, ['"b"', '"a"', '"b"']))).toEqual([
      0,
      [
        ['"b"', 2],
        ['"a"', 1],
      ],
    ]);
    expect(fn.fingerprint).toEqual(['topK']);
  });
});

it.each<[unknown, unknown, string]>([
  [0, undefined, 'aggregate.top.k: 0 is not allowed; use a whole number from 1 to 500, which is half of exactUpTo'],
  [
    6,
    { exactUpTo: 10 },
    'aggregate.top.k: 6 is not allowed; use a whole number from 1 to 5, which is half of exactUpTo',
  ],
  [
    undefined,
    undefined,
    'aggregate.top.k: nothing is given; use a whole number from 1 to 500, which is half of exactUpTo',
  ],
  [1, { exactUpTo: 9 }, 'aggregate.top.exactUpTo: 9 is not allowed; use a whole number from 10 to 10000'],
])('what is wrong with its arguments is told: %o, %o', (k, options, message) => {
  const problems: Problem[] = [];
  read(k, options, problems);
  expect(problems.map((problem) => problem.message)).toEqual([message]);
});
