/**
 * Packs shards into tasks, by the work that each is expected to be.
 *
 * TASK-1 Every shard is in exactly one task, and no task is empty. With a number of shards per task, no task holds more
 *    than ceil(shards / tasks) of them.
 * TASK-2 'auto': of two tasks with several shards each, one is expected to be less than twice the work of the other.
 *
 * The same shards give the same packing, in whatever order they come.
 */
import type { ShardsPerTask } from '../pipeline/pipeline.ts';
import { fullTask } from './shard-load.ts';

/** A hot shard is more than this much of what fills a task: it gets one of its own. */
const hotPart = 0.5;

export function packShards<Shard extends { readonly shardId: string }>(
  shards: readonly Shard[],
  workOf: (shard: Shard) => number,
  limits: {
    readonly shardsPerTask: ShardsPerTask;
    readonly maxTasks: number;
    /** 'auto': as long as there are tasks enough, none has more shards. */
    readonly mostWithin?: number;
  },
): Shard[][] {
  if (shards.length === 0) return [];
  const weighed = shards.map((shard) => ({ shard, work: workOf(shard) }));
  const heaviestFirst = weighed.sort(
    (one, other) => other.work - one.work || (one.shard.shardId < other.shard.shardId ? -1 : 1),
  );
  const { shardsPerTask, maxTasks } = limits;
  if (shardsPerTask === 'auto') return packByWork(heaviestFirst, limits);
  const tasks = Math.min(maxTasks, Math.ceil(shards.length / shardsPerTask));
  return deal(heaviestFirst, { tasks, capacity: Math.ceil(shards.length / tasks) });
}

type Weighed<Shard> = { readonly shard: Shard; readonly work: number };

/** Hot shards alone, the others together in as many tasks as they fill; all mixed if that were too many tasks. */
function packByWork<Shard>(
  heaviestFirst: readonly Weighed<Shard>[],
  { maxTasks, mostWithin = Number.POSITIVE_INFINITY }: { readonly maxTasks: number; readonly mostWithin?: number },
): Shard[][] {
  const isHot = ({ work }: Weighed<Shard>): boolean => work > hotPart * fullTask;
  const hot = heaviestFirst.filter(isHot);
  const others = heaviestFirst.slice(hot.length);
  const least = Math.max(1, Math.ceil(sumOf(others) / fullTask), Math.ceil(others.length / mostWithin));
  const filled = Math.min(others.length, least);
  const capacity = Number.POSITIVE_INFINITY;
  if (hot.length + filled > maxTasks) return deal(heaviestFirst, { tasks: maxTasks, capacity });
  return [...hot.map(({ shard }) => [shard]), ...deal(others, { tasks: filled, capacity })];
}

const sumOf = (shards: readonly Weighed<unknown>[]): number => shards.reduce((sum, { work }) => sum + work, 0);

/** Heaviest first, each onto the task with the least work so far that has room. */
function deal<Shard>(
  heaviestFirst: readonly Weighed<Shard>[],
  into: { readonly tasks: number; readonly capacity: number },
): Shard[][] {
  const tasks = Array.from({ length: into.tasks }, () => ({ work: 0, shards: [] as Shard[] }));
  for (const { shard, work } of heaviestFirst) {
    const target = tasks
      .filter((task) => task.shards.length < into.capacity)
      .reduce((least, task) =>
        task.work < least.work || (task.work === least.work && task.shards.length < least.shards.length) ? task : least,
      );
    target.shards.push(shard);
    target.work += work;
  }
  return tasks.map((task) => task.shards);
}
