/** Windows as blocks and state hold them: `[key values, [[start, end, [saved accumulator, …]], …]], …`. */
import type { SavedRank } from '../aggregates/event-rank.ts';
import type { KeyValue } from '../pipeline/pipeline.ts';

export type Bounds = readonly [start: number, end: number];
/**
 * Of a result: how many versions were given out, and how many rows of the last one hold, for the output that has most. `of`: the outputs
 * that have so many, if not all; where they have different numbers, those of each.
 */
export type Given = readonly [
  versions: number,
  rows: number,
  of?: readonly string[] | Readonly<Record<string, number>>,
];
/**
 * `saved`: of each aggregate; of none, where all that came was given out and is not to be given again. `mark` is in a block, of kinds
 * that merge, how many events it has: whether they are late is only known when all have merged. In a state it is what was given out
 * of the window, if that was anything and it is not over. In a block, of what counts only if it passes, where its event comes in order.
 */
export type SavedWindow = readonly [...Bounds, saved: readonly unknown[], mark?: number | Given | SavedRank];
/** Of windows that overlap: those that end from `firstEnd` to `lastEnd` have all given out the same. */
export type GivenRun = readonly [firstEnd: number, lastEnd: number, given: Given];
/** Windows by start and end. With panes, what was given out of windows stands behind them, if it was anything. */
export type SavedKey = readonly [
  keyValues: readonly KeyValue[],
  windows: readonly SavedWindow[],
  given?: readonly GivenRun[],
];
/** Keys by their canonical texts. */
export type SavedWindows = readonly SavedKey[];
