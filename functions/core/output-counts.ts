/**
 * What became of values for each output, where there are several.
 *
 * COUNT-1 Of each output emitted + filtered + refused - made - retracted is the same: the results of windows, or the events that came
 *    through the steps of the pipeline. A row is taken back where it was, so `retracted` is another number for each.
 */
import type { Missed } from './output.ts';

export type OutputCount = {
  readonly emitted: number;
  /** What the output's own filter left out, and of rows what a filter before it did. */
  readonly filtered: number;
  /** Dead letters: what it refused, and of rows what failed before it came to any output. */
  readonly refused: number;
  /** By how many more `flatMap` has made than the rows or events that it was given. Absent: none. */
  readonly made?: number;
  /** Records that take a row back: of what was emitted, or refused. Absent: none. */
  readonly retracted?: number;
};

/** By an output's id. */
export type OutputCounts = Readonly<Record<string, OutputCount>>;

export const noOutputCount: OutputCount = { emitted: 0, filtered: 0, refused: 0 };

export function addOutputCounts(one: OutputCounts, other: OutputCounts): OutputCounts {
  const sum: Record<string, OutputCount> = { ...one };
  for (const [output, count] of Object.entries(other)) {
    sum[output] = addOutputCount(sum[output] ?? noOutputCount, count);
  }
  return sum;
}

const addOutputCount = (one: OutputCount, other: OutputCount): OutputCount => ({
  emitted: one.emitted + other.emitted,
  filtered: one.filtered + other.filtered,
  refused: one.refused + other.refused,
  ...madeOf((one.made ?? 0) + (other.made ?? 0)),
  ...retractedOf((one.retracted ?? 0) + (other.retracted ?? 0)),
});

/** What became of one event or result that may be several records, for this output. `records`: how many it gets. */
export function countOfOne(records: number, missed: Missed | undefined): OutputCount {
  if (missed?.kind === 'refused') return { emitted: 0, filtered: 0, refused: 1 };
  const filtered = missed === undefined ? 0 : (missed.count ?? 1);
  return { emitted: records, filtered, refused: 0, ...madeOf(Math.max(0, records + filtered - 1)) };
}

/** As a part of counts: nothing where there is none. */
export const madeOf = (made: number): { readonly made?: number } => (made === 0 ? {} : { made });

export const retractedOf = (retracted: number): { readonly retracted?: number } =>
  retracted === 0 ? {} : { retracted };

/** As a part of what is saved or told: where there is one output, nothing. */
export const partOf = (counts: OutputCounts): { readonly outputs?: OutputCounts } =>
  Object.keys(counts).length === 0 ? {} : { outputs: counts };
