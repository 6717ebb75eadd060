/**
 * Partial aggregates: one list of accumulators per window and key, in the order of the pipeline's aggregates.
 *
 * A1 Merging is associative and commutative, so blocks may be merged in any grouping; results are read out once.
 * A2 Null and undefined are left out, as SQL does; an aggregate of nothing is null, a count of nothing is 0.
 */
import type { AggregateSpec } from '../pipeline/pipeline.ts';
import { addTo, type ExactSum, maxSummand, mergeSums, roundedMean, roundedSum } from './exact-sum.ts';

/** As saved: count → n; sum and avg → [n, ...terms]; min and max → the value or null. */
export type Accumulator = { count: number; sum: ExactSum; best: number | null };
export type SavedAccumulator = number | null | readonly number[];

const emptySum: ExactSum = [];

export function emptyAccumulators(specs: readonly AggregateSpec[]): Accumulator[] {
  return specs.map(({ kind }) => ({
    count: 0,
    sum: kind === 'sum' || kind === 'avg' ? [] : emptySum,
    best: null,
  }));
}

/** What is wrong with a value, or undefined when it can be aggregated. */
export function problemWith(kind: AggregateSpec['kind'], value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) return `${describe(value)} is not a finite number`;
  if ((kind === 'sum' || kind === 'avg') && Math.abs(value) > maxSummand) return `${value} is too large to add exactly`;
  return undefined;
}

function describe(value: unknown): string {
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}

/** Hot: called once per event and aggregate. `value` was checked by `problemWith`. */
export function accumulate(kind: AggregateSpec['kind'], into: Accumulator, value: number | null | undefined): void {
  if (kind === 'count') {
    into.count += 1;
    return;
  }
  if (value === null || value === undefined) return;
  switch (kind) {
    case 'sum':
    case 'avg':
      into.count += 1;
      addTo(into.sum, value);
      return;
    case 'min':
      if (into.best === null || value < into.best) into.best = value;
      return;
    case 'max':
      if (into.best === null || value > into.best) into.best = value;
      return;
  }
}

export function mergeAccumulator(kind: AggregateSpec['kind'], into: Accumulator, saved: SavedAccumulator): void {
  switch (kind) {
    case 'count':
      into.count += saved as number;
      return;
    case 'sum':
    case 'avg': {
      const [count = 0, ...terms] = saved as readonly number[];
      into.count += count;
      mergeSums(into.sum, terms);
      return;
    }
    case 'min':
    case 'max': {
      const value = saved as number | null;
      if (value !== null) accumulate(kind, into, value);
      return;
    }
  }
}

export function saveAccumulator(kind: AggregateSpec['kind'], from: Accumulator): SavedAccumulator {
  if (kind === 'count') return from.count;
  if (kind === 'sum' || kind === 'avg') return [from.count, ...from.sum];
  return from.best;
}

export function resultOf(kind: AggregateSpec['kind'], from: Accumulator): number | null {
  switch (kind) {
    case 'count':
      return from.count;
    case 'sum':
      return from.count === 0 ? null : roundedSum(from.sum);
    case 'avg':
      return from.count === 0 ? null : roundedMean(from.sum, from.count);
    case 'min':
    case 'max':
      return from.best;
  }
}
