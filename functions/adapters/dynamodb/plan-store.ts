/**
 * Plans and their tasks: `PLAN#<ref>`, `PLAN#<ref>#<task>`.
 *
 * PASSED-1 A plan of one small task, or of none, is not put: what the plan step answers says all of it, and seal and executor are given that. So it costs no write and
 *    no read. Of what is passed on, as of an item, the versions are checked, and the epoch.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { SluiceError } from '../../core/errors.ts';
import type { PlannedTask, PlanRecord } from '../../core/model.ts';
import { type NamedShards, nameShards, type Places, placesIn, shardsOfTask } from '../../core/named-shards.ts';
import type { ShardParts } from '../../core/shard-parts.ts';
import { notPassed, type PassedPlan, type PlanStore } from '../../ports/plan-store.ts';
import { fields, type ItemKind, itemKind, readAs } from './item-kind.ts';
import { planKey, taskKey } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { fromSavedIds, type SavedIds, toSavedIds } from './saved-anchor.ts';
import { fromSavedShards, type SavedShards, toSavedShards } from './saved-shards.ts';
import { loadNamed, saveIfAbsent } from './saved-value.ts';
import { createShardPartStore } from './shard-part-store.ts';
import { inDays, type Storage } from './storage.ts';
import type { Key } from './table.ts';

/** All lie in one partition, which takes a thousand units a second. */
const atOnce = 20;
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
      const passed = passedOn(planned, tasks, (one) => toSavedTask(one, partsBefore, places), storage);
      if (passed !== notPassed) return passed;
      await inParallel(tasks, atOnce, (one) =>
        saveIfAbsent(task, taskKey(pipeline, ref, one.task), toSavedTask(one, partsBefore, places), expiring()),
      );
      await saveIfAbsent(plan, planKey(pipeline, ref), planned, expiring());
      return notPassed;
    },
    async loadPlan(ref, passed = notPassed) {
      const key = planKey(pipeline, ref);
      return passed === notPassed ? loadNamed(plan, key, storage) : read(plan, passed, { ref, key, at: 0 });
    },
    async loadTask(ref, number, passed = notPassed) {
      const key = taskKey(pipeline, ref, number);
      const saved =
        passed === notPassed ? await loadNamed(task, key, storage) : read(task, passed, { ref, key, at: 1 });
      return withShards(saved);
    },
  };

  async function withShards({ named: saved, ...rest }: SavedTask): Promise<PlannedTask> {
    const copied = fromSavedShards(rest.shards) as PlannedTask['shards'];
    const named = saved.map(({ ids, ...of }) => ({ ...of, shardIds: fromSavedIds(ids) }));
    const groups = await inParallel(named, atOnce, ({ part }) => parts.loadGroup(part));
    return { ...rest, shards: shardsOfTask({ copied, named }, groups) };
  }
}

type Versioned = readonly [v: number, json: unknown];

/** Characters: it travels through a few states, and an item of as much is as good where there is more. */
const mostPassedChars = 4_096;

function passedOn(
  planned: PlanRecord,
  tasks: readonly PlannedTask[],
  saved: (task: PlannedTask) => SavedTask,
  { passesPlans = true }: Pick<Storage, 'passesPlans'>,
): PassedPlan {
  if (!passesPlans || tasks.length > 1) return notPassed;
  const all = [[plan.version, planned], ...tasks.map((one) => [task.version, saved(one)])];
  const text = Buffer.from(encode(all)).toString('base64url');
  return text.length <= mostPassedChars ? text : notPassed;
}

type Place = { readonly ref: number; readonly key: Key; readonly at: 0 | 1 };

function read<Value extends { readonly ref: number }>(
  kind: ItemKind<Value>,
  passed: PassedPlan,
  { ref, key, at }: Place,
): Value {
  const saved = partsOf(passed)?.[at];
  if (!isVersioned(saved))
    throw new SluiceError('InvalidInput', 'plan: it is none; use what the plan step has answered');
  const [v, json] = saved;
  const value = readAs(kind, { v, json }, key);
  if (value.ref === ref) return value;
  throw new SluiceError('InvalidInput', `plan: it is of epoch ${value.ref}; ${ref} is expected`);
}

/** Undefined: whoever has called the function has made it up. */
function partsOf(passed: PassedPlan): readonly unknown[] | undefined {
  try {
    const parts = decode(Buffer.from(passed, 'base64url'));
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    return undefined;
  }
}

const isVersioned = (saved: unknown): saved is Versioned => Array.isArray(saved) && typeof saved[0] === 'number';
