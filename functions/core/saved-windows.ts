/** Windows as blocks and state hold them: `[key values, [[start, end, [saved accumulator, …]], …]], …`. */
import type { KeyValue } from '../pipeline/pipeline.ts';

export type Bounds = readonly [start: number, end: number];
/** `events`: in a block, of kinds that merge; whether they are late is only known when all have merged. */
export type SavedWindow = readonly [...Bounds, saved: readonly unknown[], events?: number];
/** Windows by start and end. */
export type SavedKey = readonly [keyValues: readonly KeyValue[], windows: readonly SavedWindow[]];
/** Keys by their canonical texts. */
export type SavedWindows = readonly SavedKey[];
