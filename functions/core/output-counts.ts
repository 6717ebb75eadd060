/**
 * What became of values for each output, where there are several.
 *
 * COUNT-1 Of each output emitted + filtered + refused - made is the same: the rows whose windows closed, or the events that came
 *    through the steps of the pipeline. Records that take a row back are emitted on top of that, where the row was.
 */

export type OutputCount = {
  readonly emitted: number;
  /** What the output's own filter left out, and of rows what a filter before it did. */
  readonly filtered: number;
  /** Dead letters: what it refused, and of rows what failed before it came to any output. */
  readonly refused: number;
  /** By how many more `flatMap` has made than the rows or events that it was given. Absent: none. */
  readonly made?: number;
};

/** By an output's id. */
export type OutputCounts = Readonly<Record<string, OutputCount>>;

export const noOutputCount: OutputCount = { emitted: 0, filtered: 0, refused: 0 };

export function addOutputCounts(one: OutputCounts, other: OutputCounts): OutputCounts {
  const sum: Record<string, OutputCount> = { ...one };
  for (const [output, { emitted, filtered, refused, made = 0 }] of Object.entries(other)) {
    const before = sum[output] ?? noOutputCount;
    sum[output] = {
      emitted: before.emitted + emitted,
      filtered: before.filtered + filtered,
      refused: before.refused + refused,
      ...madeOf((before.made ?? 0) + made),
    };
  }
  return sum;
}

/** As a part of counts: nothing where there is none. */
export const madeOf = (made: number): { readonly made?: number } => (made === 0 ? {} : { made });

/** As a part of what is saved or told: where there is one output, nothing. */
export const partOf = (counts: OutputCounts): { readonly outputs?: OutputCounts } =>
  Object.keys(counts).length === 0 ? {} : { outputs: counts };
