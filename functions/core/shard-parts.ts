/**
 * Checkpoints of many shards, in parts: a body names those that batches before it have put, and few of its own.
 *
 * SHARDS-1 A part never changes. All shards of a body are in its groups and in one list of changes, which says of a shard what has become of it
 *    since its group was written: a checkpoint, or that it is gone.
 * SHARDS-2 A shard is in the list exactly if its group has another checkpoint of it, or none. When the list gets long, the groups
 *    with most of it are written anew. So what a batch writes goes by what has moved, and what it reads by the shards there are.
 * SHARDS-3 A shard that is the same object as before has not changed. Whoever copies one for nothing has it written once more.
 */
import { murmur3 } from '../pipeline/murmur3.ts';
import type { ShardCheckpoint } from './shard-checkpoint.ts';

/** `nonce`: of the try that has put it; `at`: which of its parts. */
export type PartName = {
  readonly batchId: number;
  readonly ref: number;
  readonly nonce: string;
  readonly at: number;
  /** Format version. */
  readonly v: number;
  readonly chunks: number;
  readonly digest: string;
};

export type GroupOfShards = { readonly shards: readonly ShardCheckpoint[] };
export type ChangesOfShards = GroupOfShards & {
  /** Shards that a group has and that left the stream. */
  readonly gone: readonly string[];
};
type Stored = { readonly name: PartName };

/** As they are stored. */
export type ShardParts = {
  readonly groups: readonly (GroupOfShards & Stored)[];
  readonly changes?: ChangesOfShards & Stored;
};

/** What a body says of them. */
export type PartsOfBody = {
  /** Absent: all shards lie in the body itself. */
  readonly parts?: ShardParts;
  /** Parts that the body before named, and this one does not. Absent: none. */
  readonly replacedParts?: readonly PartName[];
};

/** What is to be stored: parts without a name are to be written. */
export type DividedShards = {
  readonly groups: readonly (GroupOfShards & Partial<Stored>)[];
  readonly changes?: ChangesOfShards & Partial<Stored>;
};

/** What a batch has put, and what it no longer needs of what those before have. */
export type PartChanges = { readonly named: readonly PartName[]; readonly replaced: readonly PartName[] };

export type PartSizes = {
  /** Up to so many bytes they are no parts: they lie in the body itself. Absent: as large values of the table are. */
  readonly mostInBody?: number;
  /** Shards in a group, about. */
  readonly ofGroup: number;
  /** So many changes are always listed. */
  readonly ofChanges: number;
};

/** Groups are written anew when more than this part of all shards is in the list of changes. */
const changedPart = 1 / 16;
/** How far groups may be from their size before all are made anew. */
const [mostTimes, leastTimes] = [2, 1 / 4];

export function divideShards(
  before: ShardParts | undefined,
  shards: readonly ShardCheckpoint[],
  sizes: PartSizes,
): DividedShards {
  const count = groupsOf(shards.length, before?.groups.length ?? 0, sizes);
  if (before === undefined || count !== before.groups.length) return { groups: inGroups(shards, count) };
  const pending = changesByGroup(before, shards);
  const anew = groupsToWrite(pending, Math.max(sizes.ofChanges, Math.floor(shards.length * changedPart)));
  const written = inGroups(anew.size === 0 ? [] : shards, count);
  const groups = before.groups.map((group, at) => (anew.has(at) ? written[at]! : group));
  const left = pending.filter((_, at) => !anew.has(at));
  const changes = {
    shards: left.flatMap((group) => group.shards),
    gone: left.flatMap((group) => group.gone),
  };
  if (changes.shards.length + changes.gone.length === 0) return { groups };
  return { groups, changes: isSame(changes, before.changes) ? before.changes : changes };
}

/** In the order of their ids. */
export function shardsIn({ groups, changes }: ShardParts): readonly ShardCheckpoint[] {
  const known = new Map<string, ShardCheckpoint>();
  for (const group of groups) for (const shard of group.shards) known.set(shard.shardId, shard);
  for (const shardId of changes?.gone ?? []) known.delete(shardId);
  for (const shard of changes?.shards ?? []) known.set(shard.shardId, shard);
  return [...known.values()].sort((one, other) => (one.shardId < other.shardId ? -1 : 1));
}

export const namesOf = ({ groups, changes }: ShardParts): readonly PartName[] => [
  ...groups.map(({ name }) => name),
  ...(changes === undefined ? [] : [changes.name]),
];

/** Of the parts of a batch and of those of the batch before it. */
export function partChanges(before: ShardParts | undefined, after: ShardParts | undefined): PartChanges {
  const [had, has] = [before, after].map(
    (parts) => new Map((parts === undefined ? [] : namesOf(parts)).map((name) => [keyOf(name), name])),
  ) as [Map<string, PartName>, Map<string, PartName>];
  return {
    named: [...has].filter(([key]) => !had.has(key)).map(([, name]) => name),
    replaced: [...had].filter(([key]) => !has.has(key)).map(([, name]) => name),
  };
}

const keyOf = ({ batchId, ref, nonce, at }: PartName): string => `${batchId} ${ref} ${nonce} ${at}`;

function groupsOf(shards: number, before: number, { ofGroup }: PartSizes): number {
  const each = shards / before;
  const fits = each <= ofGroup * mostTimes && each >= ofGroup * leastTimes;
  return before > 0 && fits ? before : Math.max(1, Math.ceil(shards / ofGroup));
}

function inGroups(shards: readonly ShardCheckpoint[], count: number): GroupOfShards[] {
  const groups = Array.from({ length: count }, () => ({ shards: [] as ShardCheckpoint[] }));
  for (const shard of shards) groups[groupOf(shard, count)]!.shards.push(shard);
  return groups;
}

const groupOf = ({ shardId }: ShardCheckpoint, count: number): number => murmur3(shardId) % count;

type Pending = { readonly shards: ShardCheckpoint[]; readonly gone: string[] };

function changesByGroup({ groups }: ShardParts, shards: readonly ShardCheckpoint[]): readonly Pending[] {
  const pending = groups.map((): Pending => ({ shards: [], gone: [] }));
  const now = new Map(shards.map((shard) => [shard.shardId, shard]));
  for (const [at, group] of groups.entries()) {
    for (const shard of group.shards) {
      const found = now.get(shard.shardId);
      if (found === undefined) pending[at]!.gone.push(shard.shardId);
      else if (found !== shard) pending[at]!.shards.push(found);
      now.delete(shard.shardId);
    }
  }
  for (const shard of now.values()) pending[groupOf(shard, groups.length)]!.shards.push(shard);
  return pending;
}

const sizeOf = ({ shards, gone }: Pending): number => shards.length + gone.length;

/** Those with most changes, until no more than `most` are left. */
function groupsToWrite(pending: readonly Pending[], most: number): ReadonlySet<number> {
  const largestFirst = [...pending.keys()].sort((one, other) => sizeOf(pending[other]!) - sizeOf(pending[one]!));
  let left = pending.reduce((sum, group) => sum + sizeOf(group), 0);
  const written = new Set<number>();
  for (const at of largestFirst) {
    if (left <= most) break;
    written.add(at);
    left -= sizeOf(pending[at]!);
  }
  return written;
}

function isSame(one: ChangesOfShards, other: ChangesOfShards | undefined): other is ChangesOfShards & Stored {
  return (
    other !== undefined &&
    one.shards.length === other.shards.length &&
    one.gone.length === other.gone.length &&
    one.shards.every((shard, at) => shard === other.shards[at]) &&
    one.gone.every((shardId, at) => shardId === other.gone[at])
  );
}
