/**
 * Which shards of a listing are new to the pipeline, and which of its shards are gone.
 *
 * LINEAGE-1 A descendant of a known shard is read from TRIM_HORIZON, after its parents.
 * LINEAGE-2 An ancestor of a known shard closed before the pipeline started: it is not read. (Unless LINEAGE-1 holds too.)
 * LINEAGE-3 A shard that is related to no known one belongs to a generation whose parents retention took: it is read from
 *    TRIM_HORIZON, since skipping it would lose data.
 * LINEAGE-4 A shard leaves only when it is absent from the listing and retention has passed over it.
 * LINEAGE-5 A parent that nobody knows is either gone, or not found yet. A listing in which its child stands decides:
 *    parents are made before their children, so one that it does not give us to read will never come.
 */
import { inherited } from './inheritance.ts';
import type { StreamIdentity } from './model.ts';
import { lastReadOf, type Position, trimHorizon } from './position.ts';
import {
  hasEnded,
  isOpen,
  type ListedShard,
  newCheckpoint,
  type OpenCheckpoint,
  readThroughOf,
  type ShardCheckpoint,
  waitsForOf,
} from './shard-checkpoint.ts';
import { nameOf, ofMainSource, type ShardName } from './shard-name.ts';
import type { DataLoss } from './shard-result.ts';

export type ListingChange = {
  readonly newShards: readonly ShardCheckpoint[];
  readonly expiredShards: readonly ShardName[];
  /** Parents that will never be known: nobody waits for them. */
  readonly unknownParents: readonly ShardName[];
  readonly expiredUnread: readonly DataLoss[];
};

export const noListingChange: ListingChange = {
  newShards: [],
  expiredShards: [],
  unknownParents: [],
  expiredUnread: [],
};

/** The first listing: every shard in it starts at the resolved starting position. */
export function firstShards(listed: readonly ListedShard[], start: Position): ListingChange {
  const listedIds = new Set(listed.map(({ shardId }) => shardId));
  return {
    ...noListingChange,
    newShards: listed.map((shard) => newCheckpoint(shard, start)),
    unknownParents: missingParents(listed, listedIds),
  };
}

/** Whether a shard waits for a parent that only a listing can tell of. */
export function waitsForUnknown(known: readonly ShardCheckpoint[]): boolean {
  const knownIds = new Set(known.map(({ shardId }) => shardId));
  return known.some((shard) => waitsForOf(shard).some((parent) => !knownIds.has(parent)));
}

/** Parents of these shards that are none of the known ones. */
export const missingParents = (shards: readonly ListedShard[], known: ReadonlySet<string>): ShardName[] =>
  [...new Set(shards.flatMap(({ parents }) => parents))].filter((parent) => !known.has(parent)).map(ofMainSource);

export function compareListing(
  known: readonly ShardCheckpoint[],
  listed: readonly ListedShard[],
  /** `startedAt`: when the pipeline was first planned, which is when its first shards were listed. */
  time: { readonly now: number; readonly stream: StreamIdentity; readonly startedAt: number },
): ListingChange {
  const knownById = new Map(known.map((shard) => [shard.shardId, shard]));
  const knownIds = new Set(knownById.keys());
  const listedById = new Map(listed.map((shard) => [shard.shardId, shard]));
  const ancestors = ancestorsOf(known, listedById);
  const isDescendant = descentFrom(knownIds, listedById);
  const newShards = listed
    .filter((shard) => !knownIds.has(shard.shardId))
    .filter((shard) => isDescendant(shard) || !ancestors.has(shard.shardId))
    .map((shard) => newCheckpoint(shard, trimHorizon));

  const oldest = oldestKept(time.stream, time.now);
  const knownThroughOf = readThroughIn(knownById, time.startedAt);
  const passed = known.filter((shard) => !listedById.has(shard.shardId) && knownThroughOf(shard) < oldest);
  const after = new Set([...knownIds, ...newShards.map(({ shardId }) => shardId)]);
  return {
    newShards,
    unknownParents: missingParents(
      listed.filter(({ shardId }) => after.has(shardId)),
      after,
    ),
    expiredShards: passed.filter(hasEnded).map(nameOf),
    expiredUnread: passed.filter(isOpen).map(lossOf),
  };
}

/** Retention has taken what arrived before; a stream that is no older has lost nothing yet. */
export function oldestKept({ createdAt, retentionMs, retentionStart = never }: StreamIdentity, now: number): number {
  const oldest = now - retentionMs;
  return Math.max(retentionStart, createdAt < oldest ? oldest : never);
}

const never = Number.NEGATIVE_INFINITY;

/**
 * From when on the stream surely keeps records, after its retention was made longer. That brings nothing back, and nobody
 * knows when it was done: what the shorter one would have taken by now may be gone.
 */
export function retentionStartAfter(saved: StreamIdentity, retentionMs: number, now: number): number | undefined {
  if (retentionMs <= saved.retentionMs) return undefined;
  return Math.max(saved.retentionStart ?? never, now - saved.retentionMs);
}

/**
 * The time up to which nothing of a shard can be missing. A shard that was never read holds nothing older than what was
 * read of its parents, or of theirs. Where none is known it is when the pipeline began: nothing older was promised.
 */
export function readThroughIn(
  known: ReadonlyMap<string, ShardCheckpoint>,
  startedAt: number,
): (shard: ShardCheckpoint) => number {
  return inherited<ShardCheckpoint, number>(
    known,
    (shard, parentReadThrough) =>
      readThroughOf(shard) ??
      shard.parents.reduce((latest, parent) => Math.max(latest, parentReadThrough(parent) ?? startedAt), startedAt),
  );
}

function lossOf(shard: OpenCheckpoint): DataLoss {
  return {
    ...nameOf(shard),
    lastRead: lastReadOf(shard.position) ?? null,
    readThrough: readThroughOf(shard),
    firstAvailable: null,
  };
}

export function ancestorsOf(known: readonly ListedShard[], listed: ReadonlyMap<string, ListedShard>): Set<string> {
  const ancestors = new Set<string>();
  const queue = known.flatMap((shard) => shard.parents);
  for (let shardId = queue.pop(); shardId !== undefined; shardId = queue.pop()) {
    if (ancestors.has(shardId)) continue;
    ancestors.add(shardId);
    queue.push(...(listed.get(shardId)?.parents ?? []));
  }
  return ancestors;
}

/** Whether a listed shard descends from a known one. */
export function descentFrom(
  known: ReadonlySet<string>,
  listed: ReadonlyMap<string, ListedShard>,
): (shard: ListedShard) => boolean {
  return inherited<ListedShard, boolean>(listed, ({ parents }, isDescendant) =>
    parents.some((parent) => known.has(parent) || isDescendant(parent) === true),
  );
}
