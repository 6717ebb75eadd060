/** What a batch's key groups come to in a test, and with `topRows` its gathering step. */
import { rowEvaluator } from '../core/evaluate-row.ts';
import { GatheredRows } from '../core/gather-rows.ts';
import type { BatchBody } from '../core/model.ts';
import { limitsOf } from '../core/record-limit.ts';
import type { reduceKeyGroup } from '../core/reduce-key-group.ts';
import { type Aggregating, type LateOfKey, type Reduction, stateAfter } from '../core/reduction.ts';
import type { SavedWindows } from '../core/saved-windows.ts';
import { throughJson } from './as-saved.ts';
import type { TestReferences } from './test-references.ts';

export type ReducedState = ReturnType<typeof reduceKeyGroup>;
export type Reduced = { readonly state: ReducedState; readonly late: readonly LateOfKey[] };

export function reducedFrom(
  pipeline: Aggregating,
  before: SavedWindows,
  { rows, setup, late, finish }: Reduction,
  references: TestReferences,
): Reduced {
  const given = rows.length === 0 ? undefined : references.take();
  const results = rows.map(rowEvaluator(pipeline, setup, given));
  return { state: stateAfter(before, finish(results, limitsOf(pipeline.outputs))), late };
}

/** Where no key group has handed anything on, there is nothing to gather. */
export function gatheredFrom(
  pipeline: Aggregating,
  body: BatchBody,
  reduced: readonly Reduced[],
  references: TestReferences,
): readonly Reduced[] {
  const handedOn = reduced.flatMap(({ state: { ranked } }) => (ranked === undefined ? [] : [throughJson(ranked)]));
  if (handedOn.length === 0) return [];
  const gathered = new GatheredRows(pipeline, body);
  for (const rows of handedOn) gathered.take(rows);
  return [reducedFrom(pipeline, [], gathered.reduction(), references)];
}
