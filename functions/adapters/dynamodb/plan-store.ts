/** Plans and their tasks: `PLAN#<ref>`, `PLAN#<ref>#<task>`. */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { PlannedTask, PlanRecord } from '../../core/model.ts';
import type { PlanStore } from '../../ports/plan-store.ts';
import { fields, itemKind } from './item-kind.ts';
import { planKey, taskKey } from './keys.ts';
import { fromSavedShards, type SavedShards, toSavedShards } from './saved-shards.ts';
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

/** Its shards in columns: of thousands each executor has hundreds, written anew in each batch. */
type SavedTask = Omit<PlannedTask, 'shards'> & { readonly shards: SavedShards };

const task = itemKind<SavedTask>('task', {
  1: fields({
    ...{ ref: 'number', generation: 'number', batchId: 'number', task: 'number', shards: 'object' },
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
      await inParallel(tasks, atOnce, (one) => {
        const saved = { ...one, shards: toSavedShards(one.shards) };
        return saveIfAbsent(task, taskKey(pipeline, ref, one.task), saved, expiring());
      });
      await saveIfAbsent(plan, planKey(pipeline, ref), planned, expiring());
    },
    loadPlan: (ref) => loadNamed(plan, planKey(pipeline, ref), storage),
    async loadTask(ref, number) {
      const saved = await loadNamed(task, taskKey(pipeline, ref, number), storage);
      return { ...saved, shards: fromSavedShards(saved.shards) as PlannedTask['shards'] };
    },
  };
}
