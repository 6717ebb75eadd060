/** A1, A2: however values are split over blocks and in whatever order blocks are merged, the result is the direct one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  accumulate,
  emptyAccumulators,
  mergeAccumulator,
  resultOf,
  saveAccumulator,
} from '../../functions/core/accumulators.ts';
import type { AggregateKind } from '../../functions/pipeline/pipeline.ts';

const kinds: readonly AggregateKind[] = ['count', 'sum', 'min', 'max', 'avg'];
const specs = kinds.map((kind) => ({ name: kind, kind, selector: undefined }));
// Tenths below 2^40: their exact sum is known from whole numbers.
const value = fc.oneof(fc.integer({ min: -(2 ** 20), max: 2 ** 20 }), fc.constantFrom(null, undefined));
const blocks = fc.array(fc.array(value, { maxLength: 20 }), { maxLength: 8 });

function fold(values: readonly (number | null | undefined)[]) {
  const accumulators = emptyAccumulators(specs);
  for (const each of values)
    kinds.forEach((kind, at) => {
      accumulate(kind, accumulators[at]!, each);
    });
  return accumulators;
}

const save = (accumulators: ReturnType<typeof fold>) =>
  JSON.parse(JSON.stringify(kinds.map((kind, at) => saveAccumulator(kind, accumulators[at]!))));

function direct(values: readonly (number | null | undefined)[]): (number | null)[] {
  const present = values.filter((each) => typeof each === 'number');
  const total = present.reduce((sum, each) => sum + each, 0);
  if (present.length === 0) return [values.length, null, null, null, null];
  return [values.length, total, Math.min(...present), Math.max(...present), total / present.length];
}

it('gives the direct result for any split, order and nesting of blocks (A1, A2)', () => {
  fc.assert(
    fc.property(blocks, fc.infiniteStream(fc.nat()), (parts, choices) => {
      const expected = direct(parts.flat());
      const pool = parts.map((part) => save(fold(part)));
      pool.push(save(fold([])));
      // Merge two at a time, chosen at random, until one is left.
      while (pool.length > 1) {
        const [one] = pool.splice((choices.next().value ?? 0) % pool.length, 1);
        const [other] = pool.splice((choices.next().value ?? 0) % pool.length, 1);
        const into = emptyAccumulators(specs);
        for (const saved of [one, other])
          kinds.forEach((kind, at) => {
            mergeAccumulator(kind, into[at]!, saved[at]);
          });
        pool.push(save(into));
      }
      const last = emptyAccumulators(specs);
      kinds.forEach((kind, at) => {
        mergeAccumulator(kind, last[at]!, pool[0][at]);
      });
      expect(kinds.map((kind, at) => resultOf(kind, last[at]!))).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});
