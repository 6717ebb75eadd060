/** Plans and their tasks: `PLAN#<ref>`, `PLAN#<ref>#<task>`. */
import { inParallel } from '../../core/in-parallel.ts';
import type { PlanStore } from '../../ports/plan-store.ts';
import { planKey, taskKey } from './keys.ts';
import { loadNamed, saveIfAbsent } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';

const atOnce = 10;
/** What is read in the next turns or never. */
export const planDays = 1;

export function createPlanStore(storage: Storage): PlanStore {
  const { pipeline } = storage;
  const expiring = () => ({ ...storage, expires: inDays(storage, planDays) });
  return {
    async putPlan(plan, tasks) {
      await inParallel(tasks, atOnce, (task) => saveIfAbsent(taskKey(pipeline, plan.ref, task.task), task, expiring()));
      await saveIfAbsent(planKey(pipeline, plan.ref), plan, expiring());
    },
    loadPlan: (ref) => loadNamed(planKey(pipeline, ref), storage),
    loadTask: (ref, task) => loadNamed(taskKey(pipeline, ref, task), storage),
  };
}
