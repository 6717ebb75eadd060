/**
 * What a task says of its shards. Of a stream of many shards most lie as they are in parts of the body that the plan began with: the task
 * names those, and its executor reads them there. So what a plan writes goes by what has moved, and not by the shards there are.
 *
 * NAMING-1 A shard is named exactly if its group has the very checkpoint that it is read by. All others are copied: what the list of changes
 *    has, what is new, what no longer waits for a parent.
 * NAMING-2 A group is named by a task that reads a good part of it, since it is read whole.
 * NAMING-3 Named or copied, a task has the same shards in the same order.
 */
import type { PlannedShard } from './model.ts';
import { isOpen, type OpenCheckpoint, readThroughOf, type ShardCheckpoint } from './shard-checkpoint.ts';
import type { PartName, ShardParts } from './shard-parts.ts';

/** What the plan says of a shard beside its checkpoint. */
type PlannedRead = Omit<PlannedShard, keyof OpenCheckpoint>;

export type NamedShards = {
  readonly part: PartName;
  readonly shardIds: readonly string[];
  /** Of each of them. */
  readonly read: PlannedRead;
};
export type ShardsOfTask = { readonly copied: readonly PlannedShard[]; readonly named: readonly NamedShards[] };

/** A read unit is 4 KB, a write unit 1 KB, and the price of five reads: with fewer shards of a group it is dearer to read it than to copy them. */
const leastPart = 1 / 32;

/** In which group each shard lies, and how. */
type Place = { readonly at: number; readonly saved: ShardCheckpoint };
export type Places = ReadonlyMap<string, Place>;

export const placesIn = (parts: ShardParts | undefined): Places =>
  new Map((parts?.groups ?? []).flatMap(({ shards }, at) => shards.map((saved) => [saved.shardId, { at, saved }])));

/** What a deadline cut off last time is first this time, and of several what brings most. */
export const inReadingOrder = (shards: readonly PlannedShard[]): readonly PlannedShard[] =>
  shards.toSorted(
    (one, other) =>
      (readThroughOf(one) ?? 0) - (readThroughOf(other) ?? 0) ||
      other.load.bytes - one.load.bytes ||
      (one.shardId < other.shardId ? -1 : 1),
  );

export function nameShards(
  shards: readonly PlannedShard[],
  parts: ShardParts | undefined,
  places: Places,
): ShardsOfTask {
  if (parts === undefined) return { copied: shards, named: [] };
  const alike = Map.groupBy(shards, (shard) => {
    const { at, read } = placeOf(shard, places);
    return at === undefined ? undefined : JSON.stringify([at, read]);
  });
  const named: NamedShards[] = [];
  for (const [key, some] of alike) {
    if (key === undefined) continue;
    const [at, read] = JSON.parse(key) as readonly [number, PlannedRead];
    const group = parts.groups[at]!;
    if (some.length < group.shards.length * leastPart) continue;
    named.push({ part: group.name, shardIds: some.map(({ shardId }) => shardId).sort(), read });
  }
  const isNamed = new Set(named.flatMap(({ shardIds }) => shardIds));
  return { copied: shards.filter(({ shardId }) => !isNamed.has(shardId)), named };
}

/** No group: it has another checkpoint of the shard, or none. */
function placeOf(shard: PlannedShard, places: Places): { readonly at: number | undefined; readonly read: PlannedRead } {
  const { isNew, start, endsAt, ...checkpoint } = shard;
  const place = places.get(shard.shardId);
  const isSame = place !== undefined && hasSameFields(checkpoint, place.saved);
  return {
    at: isSame ? place.at : undefined,
    read: { isNew, start, ...(endsAt === undefined ? {} : { endsAt }) },
  };
}

/** A copy of a checkpoint shares what lies in it. */
function hasSameFields(one: object, other: object): boolean {
  const fields = Object.entries(one);
  return (
    fields.length === Object.keys(other).length &&
    fields.every(([name, value]) => value === (other as Record<string, unknown>)[name])
  );
}

/** `saved`: all shards of each of the parts, in the order in which they are named. */
export function shardsOfTask(
  { copied, named }: ShardsOfTask,
  saved: readonly (readonly ShardCheckpoint[])[],
): readonly PlannedShard[] {
  if (named.length === 0) return copied;
  const found = named.flatMap(({ shardIds, read }, at) => {
    const shards = new Map(saved[at]!.map((shard) => [shard.shardId, shard]));
    return shardIds.map((shardId) => ({ ...openOf(shardId, shards), ...read }));
  });
  return inReadingOrder([...copied, ...found]);
}

function openOf(shardId: string, shards: ReadonlyMap<string, ShardCheckpoint>): OpenCheckpoint {
  const shard = shards.get(shardId);
  if (shard !== undefined && isOpen(shard)) return shard;
  throw new Error(`NAMING-1: the group that a task names has no open shard ${shardId}`);
}
