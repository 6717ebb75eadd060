/**
 * What variance and standard deviation are computed from: how many numbers, their exact sum, and the exact sum of their
 * squares.
 *
 * MOMENTS-1 A square is added as the two doubles that it is exactly (T. J. Dekker, "A floating-point technique for extending
 *    the available precision", 1971), so the variance is that of the numbers themselves, rounded once, whatever the order
 *    and however close they are to each other. Below 2^-484 a square has bits that no double has: those are lost, of each
 *    number the same.
 */

import { oneOf } from '../pipeline/option-rules.ts';
import { type AggregateFunction, type AggregateKind, aggregateFunction, withSelector } from './aggregate-function.ts';
import { readAggregateOptions } from './aggregate-options.ts';
import { addTo, type ExactSum, mergeSums, nearestDouble, toUnits } from './exact-sum.ts';
import { type MaybeNumber, refusesNoNumber } from './numbers.ts';

/** Of what the numbers are all, or some: the second argument of `variance` and `stddev`. */
export type VarianceOptions<Of extends 'sample' | 'population' = 'sample' | 'population'> = {
  /**
   * 'sample': the numbers are some of many, and the squares are divided by one less than their number; of a single number
   * there is no result. 'population': they are all there are, and divided by their number.
   * @default 'sample'
   */
  readonly of?: Of | undefined;
};

type Moments = { count: number; readonly sum: ExactSum; readonly squares: ExactSum };
type SavedMoments = readonly [count: number, sum: readonly number[], squares: readonly number[]];

/** Sums of up to 2^53 squares of numbers of this size cannot overflow. */
const maxSquared = 2 ** 450;

/** `resultOf`: what is given out, from the variance. */
export function momentKind(kind: string, resultOf: (variance: number) => number): AggregateKind {
  return withSelector(kind, (option, given, problems) => {
    const { of } = readAggregateOptions(option, given, { of: oneOf(words, 'sample') }, problems);
    return momentsOf(kind, of === 'sample' ? 1 : 0, resultOf);
  });
}
const words = ['sample', 'population'] as const;

function momentsOf(kind: string, fewer: 0 | 1, resultOf: (variance: number) => number): AggregateFunction {
  return aggregateFunction<MaybeNumber, Moments, SavedMoments, number | null>({
    kind,
    version: 1,
    empty: () => ({ count: 0, sum: [], squares: [] }),
    add(moments, value) {
      if (value === null || value === undefined) return moments;
      moments.count += 1;
      addTo(moments.sum, value);
      addSquareTo(moments.squares, value);
      return moments;
    },
    merge(moments, [count, sum, squares]) {
      moments.count += count;
      mergeSums(moments.sum, sum);
      mergeSums(moments.squares, squares);
      return moments;
    },
    save: ({ count, sum, squares }) => [count, [...sum], [...squares]],
    result: (moments) => (moments.count <= fewer ? null : resultOf(varianceOf(moments, fewer))),
    refuses(value) {
      const isTooLarge = typeof value === 'number' && Math.abs(value) > maxSquared;
      return refusesNoNumber(value) ?? (isTooLarge ? `${value} is too large to square exactly` : undefined);
    },
  }) as AggregateFunction;
}

/** 2^27 + 1: splits a double in two of half its bits. */
const splitter = 134_217_729;

function addSquareTo(squares: ExactSum, value: number): void {
  const square = value * value;
  const scaled = splitter * value;
  const high = scaled - (scaled - value);
  const low = value - high;
  const rest = high * high - square + 2 * high * low + low * low;
  addTo(squares, square);
  if (rest !== 0) addTo(squares, rest);
}

/** (count × squares − sum²) / (count × (count − fewer)), rounded once. */
function varianceOf({ count, sum, squares }: Moments, fewer: 0 | 1): number {
  const divisor = count * (count - fewer);
  if (sum.length === 1 && squares.length === 1) {
    const [all, each] = [count * squares[0]!, sum[0]! * sum[0]!];
    // Of whole numbers that are not large nothing is rounded before the division.
    if (areWhole(sum[0]!, squares[0]!, all, each, divisor)) return (all - each) / divisor;
  }
  const n = BigInt(count);
  const total = unitsOf(sum);
  // In units of 2^-2148, those of a square of a double.
  const spread = ((n * unitsOf(squares)) << unitBits) - total * total;
  return nearestDouble(spread > 0n ? spread : 0n, (n * BigInt(count - fewer)) << unitBits);
}

/** Every double is a whole number of 2^-1074. */
const unitBits = 1_074n;
const unitsOf = (sum: ExactSum): bigint => sum.reduce((units, term) => units + toUnits(term), 0n);
const areWhole = (...values: readonly number[]): boolean => values.every((value) => Number.isSafeInteger(value));
