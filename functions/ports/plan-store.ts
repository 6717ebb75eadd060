/**
 * What plans decided: read in the turn after, or never, so it expires.
 *
 * Reads of all stores are consistent. "First write wins" means: exactly one of concurrent writers stores, and readers see
 * that one's value for ever. A load of a named item throws MissingItem if it is absent: absent is never empty.
 */
import type { PlannedTask, PlanRecord } from '../core/model.ts';
import type { ShardParts } from '../core/shard-parts.ts';

export type PlanStore = {
  /**
   * First write wins. The tasks are there before the plan that counts them. `parts`: those of the body that the plan began with, which
   * tasks may name instead of copying what lies in them. Absent: it has none.
   */
  putPlan(plan: PlanRecord, tasks: readonly PlannedTask[], parts?: ShardParts): Promise<PassedPlan>;
  loadPlan(ref: number, passed?: PassedPlan): Promise<PlanRecord>;
  /** Also MissingItem once a part is that it names: then a later batch was committed long ago. */
  loadTask(ref: number, task: number, passed?: PassedPlan): Promise<PlannedTask>;
};

/**
 * A plan that is passed on from step to step with its only task, and is not put: nobody but the driver's own steps looks for one, and each is given the
 * one of its turn. Empty: it is in the table. Nobody but the store looks into it.
 */
export type PassedPlan = string;
export const notPassed: PassedPlan = '';
