/** What a batch's key groups come to in a test, and with `topRows` its gathering step. */
import { rowEvaluator } from '../core/evaluate-row.ts';
import { GatheredRows } from '../core/gather-rows.ts';
import type { BatchBody } from '../core/model.ts';
import { limitsOf } from '../core/record-limit.ts';
import type { Aggregating, LateOfKey, ReducedKeyGroup, Reduction } from '../core/reduction.ts';
import type { Manifest } from '../core/state/manifest.ts';
import type { StateDelta } from '../core/state-delta.ts';
import { throughJson } from './as-saved.ts';
import type { TestReferences } from './test-references.ts';

/** `manifest`: where the windows lie that are open; absent of the gathering step, which has none. */
export type ReducedState = Omit<ReducedKeyGroup, 'delta'> & { readonly manifest?: Manifest };
export type Reduced = { readonly state: ReducedState; readonly late: readonly LateOfKey[] };

export function reducedFrom(
  pipeline: Aggregating,
  put: ((delta: StateDelta) => Manifest) | undefined,
  { rows, setup, late, finish }: Reduction,
  references: TestReferences,
): Reduced {
  const given = rows.length === 0 ? undefined : references.take();
  const results = rows.map(rowEvaluator(pipeline, setup, given));
  const { delta, ...state } = finish(results, limitsOf(pipeline.outputs));
  return { state: put === undefined ? state : { ...state, manifest: put(delta) }, late };
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
  return [reducedFrom(pipeline, undefined, gathered.reduction(), references)];
}
