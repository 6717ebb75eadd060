/** AGGREGATE-1 to AGGREGATE-4 for any aggregate: what is registered is tested by this. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AggregateFunction } from '../../functions/aggregates/aggregate-function.ts';
import * as any from './merged-anyhow.ts';

export function aggregateContract(name: string, fn: AggregateFunction, value: fc.Arbitrary<unknown>): void {
  const values = fc.array(value, { maxLength: 20 });
  const parts = fc.array(values, { maxLength: 8 });

  const fold = (given: readonly unknown[]): unknown => any.fold(fn, given);
  const direct = (given: readonly unknown[]): unknown => fn.result(fold(given));
  const saved = (accumulator: unknown): unknown => any.saved(fn, accumulator);
  const restored = (given: unknown): unknown => fn.merge(fn.empty(), given);

  describe(`aggregate ${name}`, () => {
    it('gives the direct result for any split, order and nesting of blocks (AGGREGATE-1)', () => {
      fc.assert(
        fc.property(parts, any.choices, (given, choices) => {
          expect(fn.result(any.mergedAnyhow(fn, given, choices))).toEqual(direct(given.flat()));
        }),
        { numRuns: 1_000 },
      );
    });

    it('goes on from what was saved after any event (AGGREGATE-2)', () => {
      fc.assert(
        fc.property(values, (given) => {
          const kept = given.reduce((into, each) => restored(saved(fn.add(into, each))), fn.empty());
          expect(fn.result(kept)).toEqual(direct(given));
        }),
      );
    });

    it('says the same however often it is asked, and keeps nothing for others (AGGREGATE-4)', () => {
      fc.assert(
        fc.property(values, values, (one, other) => {
          const accumulator = fold(one);
          const result = fn.result(accumulator);
          const written = saved(accumulator);
          fold(other);
          expect(fn.result(accumulator)).toEqual(result);
          expect(saved(accumulator)).toEqual(written);
          expect(direct(one)).toEqual(result);
          expect(fn.result(fn.empty())).toEqual(direct([]));
        }),
      );
    });

    it('takes the values that it was made for', () => {
      fc.assert(fc.property(value, (each) => fn.refuses(each) === undefined));
    });
  });
}
