/**
 * What plans decided: read in the turn after, or never, so it expires.
 *
 * Reads of all stores are consistent. "First write wins" means: exactly one of concurrent writers stores, and readers see
 * that one's value for ever. A load of a named item throws MissingItem if it is absent: absent is never empty.
 */
import type { PlannedTask, PlanRecord } from '../core/model.ts';

export type PlanStore = {
  /** First write wins. The tasks are there before the plan that counts them. */
  putPlan(plan: PlanRecord, tasks: readonly PlannedTask[]): Promise<void>;
  loadPlan(ref: number): Promise<PlanRecord>;
  loadTask(ref: number, task: number): Promise<PlannedTask>;
};
