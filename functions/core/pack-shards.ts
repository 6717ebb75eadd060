/**
 * Packs shards into tasks, by the work that each is expected to be.
 *
 * TASK-1 Every shard is in exactly one task, and no task is empty. With a number of shards per task, no task holds more
 *    than ceil(shards / tasks) of them.
 * TASK-2 'auto': of two tasks with several shards each, one is expected to be less than twice the work of the other.
 * TASK-3 Where shards have places, tasks are filled one after the other with those that are little work, place by place: so those of a place
 *    are in as few tasks as the balance allows.
 *
 * The same shards give the same packing, in whatever order they come.
 */
import type { ShardsPerTask } from '../pipeline/pipeline.ts';
import { fullTask } from './shard-load.ts';

/** A hot shard is more than this much of what fills a task: it gets one of its own. */
const hotPart = 0.5;

/** Less than this part of what a task has on average is little work: tasks filled with such shards are balanced well enough. */
const littlePart = 1 / 8;

type Named = { readonly shardId: string };
type Limits<Shard> = {
  readonly shardsPerTask: ShardsPerTask;
  readonly maxTasks: number;
  /** 'auto': as long as there are tasks enough, none has more shards. */
  readonly mostWithin?: number;
  /** A whole number for each. Absent: they have none. */
  readonly placeOf?: (shard: Shard) => number;
};

export function packShards<Shard extends Named>(
  shards: readonly Shard[],
  workOf: (shard: Shard) => number,
  limits: Limits<Shard>,
): Shard[][] {
  if (shards.length === 0) return [];
  const weighed = shards.map((shard) => ({ shard, work: workOf(shard) }));
  const heaviestFirst = weighed.sort(
    (one, other) => other.work - one.work || (one.shard.shardId < other.shard.shardId ? -1 : 1),
  );
  const { shardsPerTask, maxTasks, placeOf } = limits;
  if (shardsPerTask === 'auto') return packByWork(heaviestFirst, limits);
  const tasks = Math.min(maxTasks, Math.ceil(shards.length / shardsPerTask));
  return deal(heaviestFirst, { tasks, capacity: Math.ceil(shards.length / tasks), placeOf });
}

type Weighed<Shard> = { readonly shard: Shard; readonly work: number };

/** Hot shards alone, the others together in as many tasks as they fill; all mixed if that were too many tasks. */
function packByWork<Shard extends Named>(
  heaviestFirst: readonly Weighed<Shard>[],
  { maxTasks, mostWithin = Number.POSITIVE_INFINITY, placeOf }: Limits<Shard>,
): Shard[][] {
  const isHot = ({ work }: Weighed<Shard>): boolean => work > hotPart * fullTask;
  const hot = heaviestFirst.filter(isHot);
  const others = heaviestFirst.slice(hot.length);
  const least = Math.max(1, Math.ceil(sumOf(others) / fullTask), Math.ceil(others.length / mostWithin));
  const filled = Math.min(others.length, least);
  const capacity = Number.POSITIVE_INFINITY;
  if (hot.length + filled > maxTasks) return deal(heaviestFirst, { tasks: maxTasks, capacity, placeOf });
  return [...hot.map(({ shard }) => [shard]), ...deal(others, { tasks: filled, capacity, placeOf })];
}

const sumOf = (all: readonly { readonly work: number }[]): number => all.reduce((sum, { work }) => sum + work, 0);

type Task<Shard> = { work: number; readonly shards: Shard[] };
type Into<Shard> = {
  readonly tasks: number;
  readonly capacity: number;
  readonly placeOf: ((shard: Shard) => number) | undefined;
};

/** Heaviest first, each onto the task with the least work so far that has room; those that are little work by their places. */
function deal<Shard extends Named>(heaviestFirst: readonly Weighed<Shard>[], into: Into<Shard>): Shard[][] {
  const { capacity, placeOf } = into;
  const tasks = Array.from({ length: into.tasks }, (): Task<Shard> => ({ work: 0, shards: [] }));
  const little = placeOf === undefined ? 0 : (littlePart * sumOf(heaviestFirst)) / into.tasks;
  for (const one of heaviestFirst) if (one.work >= little) put(one, lightest(tasks, capacity));
  if (placeOf !== undefined) {
    const others = heaviestFirst.filter(({ work }) => work < little);
    fill(tasks, inPlaces(others, placeOf), capacity);
  }
  return tasks.map((task) => task.shards);
}

function put<Shard>({ shard, work }: Weighed<Shard>, task: Task<Shard>): void {
  task.shards.push(shard);
  task.work += work;
}

/** The first of several. In a loop: of ten thousand shards it is asked for some thousand times, and a copy of the list each time was most of a plan. */
function lightest<Shard>(tasks: readonly Task<Shard>[], capacity: number): Task<Shard> {
  let least: Task<Shard> | undefined;
  for (const task of tasks) {
    if (task.shards.length >= capacity) continue;
    if (least === undefined || task.work < least.work || (task.work === least.work && isShorter(task, least))) {
      least = task;
    }
  }
  return least!;
}

const isShorter = <Shard>(task: Task<Shard>, other: Task<Shard>): boolean => task.shards.length < other.shards.length;

/** Each is asked for its place once: comparisons are many. */
const inPlaces = <Shard extends Named>(
  weighed: readonly Weighed<Shard>[],
  placeOf: (shard: Shard) => number,
): Weighed<Shard>[] =>
  weighed
    .map((one) => ({ one, at: placeOf(one.shard) }))
    .sort((left, right) => left.at - right.at || (left.one.shard.shardId < right.one.shard.shardId ? -1 : 1))
    .map(({ one }) => one);

/** Up to the level at which all tasks have the same, one after the other. What finds its task full goes where it is lightest. */
function fill<Shard>(tasks: readonly Task<Shard>[], inOrder: readonly Weighed<Shard>[], capacity: number): void {
  const level = levelOf(tasks, sumOf(inOrder));
  // As they are before: what has been poured does not count twice.
  const rooms = tasks.map(({ work }) => Math.max(0, level - work));
  let [at, upTo, poured] = [0, rooms[0]!, 0];
  for (const one of inOrder) {
    // It belongs where most of it falls.
    while (at < tasks.length - 1 && poured + one.work / 2 > upTo) {
      at += 1;
      upTo += rooms[at]!;
    }
    poured += one.work;
    const task = tasks[at]!;
    put(one, task.shards.length < capacity ? task : lightest(tasks, capacity));
  }
}

/** As water stands in vessels that are joined. */
function levelOf(tasks: readonly { readonly work: number }[], amount: number): number {
  const lowestFirst = tasks.map(({ work }) => work).sort((one, other) => one - other);
  let sum = amount;
  for (const [at, work] of lowestFirst.entries()) {
    // It stays below this one.
    if (at > 0 && sum <= work * at) return sum / at;
    sum += work;
  }
  return sum / lowestFirst.length;
}
