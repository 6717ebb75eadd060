/** Plans and their tasks: `PLAN#<ref>`, `PLAN#<ref>#<task>`. */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { PlannedTask, PlanRecord } from '../../core/model.ts';
import type { PlanStore } from '../../ports/plan-store.ts';
import { fields, itemKind } from './item-kind.ts';
import { planKey, taskKey } from './keys.ts';
import { loadNamed, saveIfAbsent } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';

const atOnce = 10;
/** What is read in the next turns or never. */
export const planDays = 1;

const plan = itemKind<PlanRecord>('plan', {
  1: fields({
    ...{ ref: 'number', generation: 'number', batchId: 'number', kind: 'text', consumerType: 'text' },
    ...{
      previous: 'object or null',
      taskCount: 'number',
      newShards: 'list',
      expiredShards: 'list',
      unknownParents: 'list',
    },
    ...{ expiredUnread: 'list', parallelism: 'number', fingerprint: 'text' },
  }),
});

const task = itemKind<PlannedTask>('task', {
  1: fields({
    ...{ ref: 'number', generation: 'number', batchId: 'number', task: 'number', shards: 'list' },
    ...{ parallelism: 'number', fingerprint: 'text', watermark: 'number or null', nextWindowClose: 'number or null' },
    ...{ refreshAfterMs: 'number', consumerArn: 'text or null', nextTurnAt: 'number or null' },
  }),
});

export function createPlanStore(storage: Storage): PlanStore {
  const { pipeline } = storage;
  const expiring = () => ({ ...storage, expires: inDays(storage, planDays) });
  return {
    async putPlan(planned, tasks) {
      const { ref } = planned;
      await inParallel(tasks, atOnce, (one) => saveIfAbsent(task, taskKey(pipeline, ref, one.task), one, expiring()));
      await saveIfAbsent(plan, planKey(pipeline, ref), planned, expiring());
    },
    loadPlan: (ref) => loadNamed(plan, planKey(pipeline, ref), storage),
    loadTask: (ref, number) => loadNamed(task, taskKey(pipeline, ref, number), storage),
  };
}
