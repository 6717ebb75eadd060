/** What is known of the rows of a state that is not put yet: what user code made of them, and what it did to reducers. */
import type { EvaluatedRow } from '../core/evaluate-row.ts';
import type { RowTrial } from '../core/row-trial.ts';
import type { StateName } from './state-store.ts';

export type RowStore = {
  /** From row `from` on, at least one. First write wins. */
  putRows(state: StateName, from: number, rows: readonly EvaluatedRow[]): Promise<void>;
  /** Of the first rows, as far as they were put without a gap. */
  loadRows(state: StateName): Promise<readonly EvaluatedRow[]>;
  /** Undefined: nothing is known. */
  loadTrial(state: StateName): Promise<RowTrial | undefined>;
  /** The last one stays. */
  putTrial(state: StateName, trial: RowTrial): Promise<void>;
};
