/**
 * The user code of a batch's rows, in place, over as many rounds as it takes. What is evaluated when the time is over is
 * kept beside the state that is to be put, and the next round goes on behind it.
 *
 * INPLACE-1 What was kept first is what counts. Nothing of a batch is sent before its state is put, so nobody has seen
 *    another answer, and none is sent twice.
 * INPLACE-2 Each round evaluates a row at least, however little time there is. Where all fit into one, nothing is kept.
 */
import { type EvaluatedRow, type RowInput, type RowSetup, rowEvaluator } from '../../core/evaluate-row.ts';
import type { StateName } from '../../ports/state-store.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

export type Evaluation =
  | { readonly kind: 'evaluated'; readonly results: readonly EvaluatedRow[] }
  /** Another try is worth it from `until` on. `progressed`: fewer rows are left for it. */
  | { readonly kind: 'not-yet'; readonly until?: number; readonly progressed: boolean; readonly why: string };

export type RowsToEvaluate = {
  readonly state: StateName;
  readonly setup: RowSetup;
  readonly rows: readonly RowInput[];
  /** Of the first rows: what earlier rounds have kept. */
  readonly kept: readonly EvaluatedRow[];
  /** After which no further row is begun. */
  readonly deadline: number;
};

/** `known`: by row, what is not to be asked for again. */
export async function evaluateInPlace(
  { pipeline, ports }: ReduceRuntime,
  { state, setup, rows, kept, deadline }: RowsToEvaluate,
  known: ReadonlyMap<number, EvaluatedRow> = new Map(),
): Promise<Evaluation> {
  const evaluate = rowEvaluator(pipeline, setup);
  const results = [...kept];
  while (results.length < rows.length) {
    const row = rows[results.length]!;
    results.push(known.get(row.index) ?? evaluate(row));
    if (ports.clock.now() >= deadline) break;
  }
  if (results.length === rows.length) return { kind: 'evaluated', results };
  await ports.rows.putRows(state, kept.length, results.slice(kept.length));
  const why = `user code had ${results.length} of ${rows.length} rows when time was over`;
  return { kind: 'not-yet', progressed: true, why };
}
