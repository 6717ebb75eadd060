/** What sum and avg count: how many numbers, and their exact sum. Saved as [count, ...terms]. */
import { addTo, type ExactSum, maxSummand, mergeSums } from './exact-sum.ts';
import { type MaybeNumber, refusesNoNumber } from './numbers.ts';

export type Summed = { count: number; terms: ExactSum };

export const summing = {
  version: 1,
  empty: (): Summed => ({ count: 0, terms: [] }),
  add(summed: Summed, value: MaybeNumber): Summed {
    if (value === null || value === undefined) return summed;
    summed.count += 1;
    // A list that grows has room for many more at once.
    if (summed.terms.length === 0) summed.terms = [value + 0];
    else addTo(summed.terms, value);
    return summed;
  },
  merge(summed: Summed, [count = 0, ...terms]: readonly number[]): Summed {
    summed.count += count;
    mergeSums(summed.terms, terms);
    return summed;
  },
  save: ({ count, terms }: Summed): readonly number[] => [count, ...terms],
  refuses(value: unknown): string | undefined {
    const isTooLarge = typeof value === 'number' && Math.abs(value) > maxSummand;
    return refusesNoNumber(value) ?? (isTooLarge ? `${value} is too large to add exactly` : undefined);
  },
};
