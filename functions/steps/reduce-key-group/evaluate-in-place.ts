/**
 * The user code of a batch's rows, in place, over as many rounds as it takes, step by step: each is stored before the next begins, and when
 * the time is over with what it has, and the next round goes on behind it.
 *
 * INPLACE-1 What was stored first is what counts. Nothing of a batch is sent before its state is put, so nobody has seen
 *    another answer, and none is sent twice.
 * INPLACE-2 Each round evaluates a row at least, however little time there is.
 */
import { type EvaluatedRow, type RowSetup, rowEvaluator } from '../../core/evaluate-row.ts';
import type { RowInputs } from '../../core/reduction.ts';
import type { TakenReferences } from '../../core/references.ts';
import type { StateName } from '../../ports/state-store.ts';
import type { OutboxWriter } from './outbox-writer.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

export type Evaluation =
  /** All rows are in steps. */
  | { readonly kind: 'evaluated' }
  /** Another try is worth it from `until` on. `progressed`: fewer rows are left for it. */
  | { readonly kind: 'not-yet'; readonly until?: number; readonly progressed: boolean; readonly why: string };

export type RowsToEvaluate = {
  readonly state: StateName;
  readonly setup: RowSetup;
  readonly rows: RowInputs;
  /** Undefined: the pipeline has none. */
  readonly references: TakenReferences | undefined;
  /** Of the first rows it has what earlier rounds have stored. */
  readonly outbox: OutboxWriter;
  /** After which no further row is begun. */
  readonly deadline: number;
};

/** Rows may be as large as a sink takes them: a step ends with them as well. */
const mostBytesOfStep = 4_000_000;

/** `known`: by row, what is not to be asked for again. */
export async function evaluateInPlace(
  { pipeline, ports }: ReduceRuntime,
  { setup, rows, references, outbox, deadline }: RowsToEvaluate,
  known: ReadonlyMap<number, EvaluatedRow> = new Map(),
): Promise<Evaluation> {
  const evaluate = rowEvaluator(pipeline, setup, references?.values);
  const isLate = (): boolean => ports.clock.now() >= deadline;
  const nextStep = (): readonly EvaluatedRow[] => {
    const step: EvaluatedRow[] = [];
    let bytes = 0;
    for (let place = outbox.end; place < rows.length && step.length < outbox.mostInStep; place++) {
      const row = known.get(place) ?? evaluate(rows.at(place));
      step.push(row);
      bytes += bytesOf(row);
      if (isLate() || bytes >= mostBytesOfStep) break;
    }
    return step;
  };
  while (outbox.end < rows.length) {
    await outbox.add(nextStep());
    if (outbox.end < rows.length && isLate())
      return notYet(`user code had ${outbox.end} of ${rows.length} rows when time was over`);
  }
  while (await outbox.addRetractions())
    if (outbox.isStored && isLate()) return notYet('rows were still to be taken back when time was over');
  while (await outbox.addCarried())
    if (outbox.isStored && isLate()) return notYet('late events were still to be stored when time was over');
  return { kind: 'evaluated' };
}

const notYet = (why: string) => ({ kind: 'not-yet', progressed: true, why }) as const;

function bytesOf(row: EvaluatedRow): number {
  if (row.kind === 'output') return row.records.reduce((sum, { record }) => sum + record.data.length, 0);
  return row.kind === 'ranked' && row.saved !== undefined ? JSON.stringify(row.saved).length : 0;
}
