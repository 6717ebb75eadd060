/** What is known of the rows of a state that is not put yet, in steps, and what its user code did to reducers. */
import type { OutboxStep } from '../core/outbox.ts';
import type { RowTrial } from '../core/row-trial.ts';
import type { StateName } from './state-store.ts';

export type RowStore = {
  /** A step has so many rows at most, one at least. */
  readonly mostInStep: number;
  /** From row `from` on. First write wins; returns the one that is stored, which may have another number of rows. */
  putStep(state: StateName, from: number, step: OutboxStep): Promise<OutboxStep>;
  /** Undefined: nobody has put one yet. */
  findStep(state: StateName, from: number): Promise<OutboxStep | undefined>;
  /** One that a state names. MissingItem if it is absent. */
  loadStep(state: StateName, from: number): Promise<OutboxStep>;
  /** Undefined: nothing is known. */
  loadTrial(state: StateName): Promise<RowTrial | undefined>;
  /** The last one stays. */
  putTrial(state: StateName, trial: RowTrial): Promise<void>;
};
