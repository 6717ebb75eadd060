/**
 * Packs shards so that one whose executor died takes no other with it for long.
 *
 * APART-1 An isolated shard is alone in its task.
 * APART-2 A task of suspected shards has at most half as many as the task that died: the one to blame is found in as many
 *    turns as halvings.
 * APART-3 What has no task in this turn is counted as postponed. Where there is no room for all, who has waited longest
 *    comes first, by the turns that read them (`ref`): each is read within as many turns as there are that wait, however
 *    many plans only pause in between.
 * APART-4 A round is over when each that had to wait was read in it: until then the next turn is at once, since what was
 *    postponed is unread, and the turn after it is at the trigger, since nothing is.
 */
import type { Suspicion, Suspicions } from './suspicions.ts';

export type PackedTask<Shard> = { readonly shards: readonly Shard[]; readonly isolated?: Suspicion };
export type Packing<Shard> = {
  readonly tasks: readonly PackedTask<Shard>[];
  readonly postponed: number;
  /** Of those, the ones that were not read in this round either. */
  readonly unread: number;
};

type Turn<Shard> = {
  readonly maxTasks: number;
  readonly epoch: number;
  readonly pack: (shards: readonly Shard[], maxTasks: number) => readonly (readonly Shard[])[];
};

export function packApart<Shard extends { readonly shardId: string }>(
  shards: readonly Shard[],
  suspicions: Pick<Suspicions, 'shards' | 'othersRef' | 'roundFrom'>,
  turn: Turn<Shard>,
): Packing<Shard> {
  const tasks = tasksOf(shards, suspicions, turn);
  const planned = new Set(tasks.flatMap((task) => task.shards.map(({ shardId }) => shardId)));
  const postponed = shards.filter(({ shardId }) => !planned.has(shardId));
  const refs = new Map(suspicions.shards.map(({ shardId, ref }) => [shardId, ref]));
  const { roundFrom = turn.epoch, othersRef = 0 } = suspicions;
  const unread = postponed.filter(({ shardId }) => (refs.get(shardId) ?? othersRef) < roundFrom);
  return { tasks, postponed: postponed.length, unread: unread.length };
}

function tasksOf<Shard extends { readonly shardId: string }>(
  shards: readonly Shard[],
  suspicions: Pick<Suspicions, 'shards' | 'othersRef'>,
  { maxTasks, pack }: Turn<Shard>,
): PackedTask<Shard>[] {
  const byShard = new Map(suspicions.shards.map((one) => [one.shardId, one]));
  const others = shards.filter(({ shardId }) => !byShard.has(shardId));
  const suspected = shards
    .flatMap((shard) => {
      const suspicion = byShard.get(shard.shardId);
      return suspicion === undefined ? [] : [{ shard, suspicion }];
    })
    .toSorted(
      (one, other) => one.suspicion.ref - other.suspicion.ref || (one.shard.shardId < other.shard.shardId ? -1 : 1),
    );
  if (suspected.length === 0) return pack(others, maxTasks).map((task) => ({ shards: task }));
  const mustTakeTurns = maxTasks === 1 && others.length > 0;
  if (mustTakeTurns && (suspicions.othersRef ?? 0) <= suspected[0]!.suspicion.ref)
    return pack(others, 1).map((task) => ({ shards: task }));

  const left = mustTakeTurns ? [] : others;
  const room = maxTasks - (left.length > 0 ? 1 : 0);
  const apart = suspected.filter(({ suspicion }) => suspicion.stage === 'apart');
  const isolated = suspected
    .filter(({ suspicion }) => suspicion.stage === 'isolated')
    .slice(0, isolatedAtOnce(room, apart.length, suspected[0]!.suspicion));
  const forApart = Math.min(apart.length, Math.max(0, room - isolated.length), Math.max(1, maxTasks >> 1));
  const packed = pack(left, Math.max(1, maxTasks - isolated.length - forApart));
  const groups = dealHalves(apart, Math.min(apart.length, maxTasks - isolated.length - packed.length));
  return [
    ...packed.map((task) => ({ shards: task })),
    ...groups.map((group) => ({ shards: group.map(({ shard }) => shard) })),
    ...isolated.map(({ shard, suspicion }) => ({ shards: [shard], isolated: suspicion })),
  ];
}

/** What later plans go by: which turn, and which task of it, read each shard. */
export function withTasks<Shard extends { readonly shardId: string }>(
  suspicions: Suspicions,
  { tasks, unread }: Packing<Shard>,
  ref: number,
): Suspicions {
  if (suspicions.shards.length === 0) return suspicions;
  const taskOf = new Map(tasks.flatMap(({ shards }, task) => shards.map(({ shardId }) => [shardId, task] as const)));
  const isSuspected = new Set(suspicions.shards.map(({ shardId }) => shardId));
  const readsOthers = [...taskOf.keys()].some((shardId) => !isSuspected.has(shardId));
  const { roundFrom = ref, ...rest } = suspicions;
  return {
    ...rest,
    ...(readsOthers ? { othersRef: ref } : {}),
    ...(unread > 0 ? { roundFrom } : {}),
    shards: suspicions.shards.map((one) => {
      const task = taskOf.get(one.shardId);
      return task === undefined ? one : { ...one, ref, task };
    }),
  };
}

/** Room for one task is of the kind that has waited longest. */
function isolatedAtOnce(room: number, apart: number, longestWaiting: Suspicion): number {
  if (apart === 0) return room;
  if (room === 1) return longestWaiting.stage === 'isolated' ? 1 : 0;
  return room >> 1;
}

type Suspected<Shard> = { readonly shard: Shard; readonly suspicion: Suspicion };

/** Each to the smallest group, as long as nobody in it had fewer neighbours than that when he died. */
function dealHalves<Shard>(apart: readonly Suspected<Shard>[], count: number): Suspected<Shard>[][] {
  const groups = Array.from({ length: count }, () => ({
    most: Number.POSITIVE_INFINITY,
    in: [] as Suspected<Shard>[],
  }));
  for (const one of apart) {
    const most = Math.ceil(one.suspicion.among / 2);
    const group = groups
      .filter((each) => each.in.length < Math.min(each.most, most))
      .reduce<(typeof groups)[number] | undefined>(
        (least, each) => (least === undefined || each.in.length < least.in.length ? each : least),
        undefined,
      );
    if (group === undefined) continue;
    group.in.push(one);
    group.most = Math.min(group.most, most);
  }
  return groups.map((group) => group.in).filter((group) => group.length > 0);
}
