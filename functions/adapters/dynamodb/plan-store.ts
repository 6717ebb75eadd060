/** Plans and their tasks: `PLAN#<ref>`, `PLAN#<ref>#<task>`. */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { PlannedTask, PlanRecord } from '../../core/model.ts';
import { type NamedShards, nameShards, type Places, placesIn, shardsOfTask } from '../../core/named-shards.ts';
import type { ShardParts } from '../../core/shard-parts.ts';
import type { PlanStore } from '../../ports/plan-store.ts';
import { fields, itemKind } from './item-kind.ts';
import { planKey, taskKey } from './keys.ts';
import { fromSavedIds, type SavedIds, toSavedIds } from './saved-anchor.ts';
import { fromSavedShards, type SavedShards, toSavedShards } from './saved-shards.ts';
import { loadNamed, saveIfAbsent } from './saved-value.ts';
import { createShardPartStore } from './shard-part-store.ts';
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
type SavedTask = Omit<PlannedTask, 'shards'> & {
  /** Those that are copied. */
  readonly shards: SavedShards;
  readonly named: readonly (Omit<NamedShards, 'shardIds'> & { readonly ids: SavedIds })[];
};

const taskFields = {
  ...({ ref: 'number', generation: 'number', batchId: 'number', task: 'number', shards: 'object' } as const),
  ...({ parallelism: 'number', fingerprint: 'text', watermark: 'number or null' } as const),
  ...({ nextWindowClose: 'number or null', refreshAfterMs: 'number' } as const),
  ...({ consumerArn: 'text or null', nextTurnAt: 'number or null' } as const),
};
const readFormer = fields<Omit<SavedTask, 'named'>>(taskFields);

const task = itemKind<SavedTask>('task', {
  1: (json) => {
    const saved = readFormer(json);
    return saved === undefined ? undefined : { ...saved, named: [] };
  },
  2: fields({ ...taskFields, named: 'list' }),
});

function toSavedTask(task: PlannedTask, parts: ShardParts | undefined, places: Places): SavedTask {
  const { copied, named } = nameShards(task.shards, parts, places);
  return {
    ...task,
    shards: toSavedShards(copied),
    named: named.map(({ shardIds, ...of }) => ({ ...of, ids: toSavedIds(shardIds) })),
  };
}

export function createPlanStore(storage: Storage): PlanStore {
  const { pipeline } = storage;
  const parts = createShardPartStore(storage);
  const expiring = () => ({ ...storage, expires: inDays(storage, planDays) });
  return {
    async putPlan(planned, tasks, partsBefore) {
      const { ref } = planned;
      const places = placesIn(partsBefore);
      await inParallel(tasks, atOnce, (one) =>
        saveIfAbsent(task, taskKey(pipeline, ref, one.task), toSavedTask(one, partsBefore, places), expiring()),
      );
      await saveIfAbsent(plan, planKey(pipeline, ref), planned, expiring());
    },
    loadPlan: (ref) => loadNamed(plan, planKey(pipeline, ref), storage),
    async loadTask(ref, number) {
      const { named: saved, ...rest } = await loadNamed(task, taskKey(pipeline, ref, number), storage);
      const copied = fromSavedShards(rest.shards) as PlannedTask['shards'];
      const named = saved.map(({ ids, ...of }) => ({ ...of, shardIds: fromSavedIds(ids) }));
      const groups = await inParallel(named, atOnce, ({ part }) => parts.loadGroup(part));
      return { ...rest, shards: shardsOfTask({ copied, named }, groups) };
    },
  };
}
