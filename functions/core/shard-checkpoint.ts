/**
 * What the engine knows of a shard between two batches: every seal carries one checkpoint of each.
 *
 *   unread ──▶ reading ──▶ ended
 *      └───────────────────▲
 *
 * unread   nobody knows yet up to when it was read: it waits for its parents, for its turn, or its reads came to nothing
 * reading  all that arrived up to a time was read; it may stand at the end of the pipeline, or of a run
 * ended    it was read to its own end, is taken as read, or retention took it; nothing but its children follows
 */
import type { Position, ShardEnding } from './position.ts';
import type { NamedMemory } from './repeats/named-memory.ts';
import type { SentPlaces } from './sent-places.ts';
import { nameOf, ofMainSource, type ShardName } from './shard-name.ts';

export type HashRange = { readonly start: string; readonly end: string };

/** As its stream tells of it. */
export type ListedShard = {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly hashRange: HashRange;
  /** Of a listing only: the first number the shard may hold, and the last one if it is closed. */
  readonly sequenceNumbers?: { readonly first: string; readonly last: string | undefined };
};

/** What a shard delivers in a second, smoothed. `at` is Kinesis's time at the read that says so; absent: none did. */
export type ShardLoad = { readonly records: number; readonly bytes: number; readonly at?: number };

export const unmeasured: ShardLoad = { records: 0, bytes: 0 };

type KnownShard = ShardName &
  ListedShard & {
    /** What the shard says about the watermark; null is "no event yet": minus infinity. */
    readonly watermark: number | null;
    readonly load: ShardLoad;
    /** What is known of records before its position, of each lineage that came together in it. Absent: nothing is. */
    readonly memories?: readonly NamedMemory[];
  };

type OpenShard = KnownShard & {
  readonly position: Position;
  /** For enhanced fan-out: when its consumer last subscribed, by the clock of the function. */
  readonly lastSubscribedAt: number | null;
  /** After a large answer: until when Kinesis refuses the next call. Absent: it may be read at once. */
  readonly readableAt?: number;
  /** What outputs have acknowledged of the events behind the position. */
  readonly sentAhead?: readonly SentPlaces[];
};

export type UnreadShard = OpenShard & {
  readonly life: 'unread';
  /** Those of the parents that must have ended before this shard is read; the others left the stream unknown. */
  readonly waitsFor: readonly string[];
  /** Of a place that was handed over: Kinesis time up to which its record was looked for, and nothing came. */
  readonly searchedThrough?: number;
};

export type ReadingShard = OpenShard & {
  readonly life: 'reading';
  /** Kinesis time up to which everything that arrived was read. */
  readonly readThrough: number;
  /** Arrival of the last record read; null before the first. */
  readonly lastArrival: number | null;
  /** Kinesis time since which the shard was seen at its tip without an event time delivered. */
  readonly idleSince: number | null;
  /** Kinesis time at which it was last known to be at its tip and not closed. */
  readonly openAt?: number;
  /** The end up to which the last read of the shard came. The next run, or another pipeline file, may read on. */
  readonly endedAt?: ShardEnding;
};

export type EndedShard = KnownShard & {
  readonly life: 'ended';
  /** What is sure of a shard that may have been closed long ago; null: it never gave a record, or was never read. */
  readonly readThrough: number | null;
  readonly lastArrival: number | null;
};

/** One that may be read on. */
export type OpenCheckpoint = UnreadShard | ReadingShard;
export type ShardCheckpoint = OpenCheckpoint | EndedShard;

export function newCheckpoint(shard: ListedShard, position: Position): UnreadShard {
  return { ...begun(shard), life: 'unread', position, waitsFor: shard.parents, lastSubscribedAt: null };
}

/** Whoever named the start says that it was read. */
export function takenAsRead(shard: ListedShard): EndedShard {
  return { ...begun(shard), life: 'ended', readThrough: null, lastArrival: null };
}

const begun = ({ shardId, parents, hashRange }: ListedShard): KnownShard => ({
  ...ofMainSource(shardId),
  parents,
  hashRange,
  watermark: null,
  load: unmeasured,
});

/** Without what belongs to its life. */
export const knownOf = (shard: ShardCheckpoint): KnownShard => ({
  ...nameOf(shard),
  parents: shard.parents,
  hashRange: shard.hashRange,
  watermark: shard.watermark,
  load: shard.load,
  ...(shard.memories === undefined ? {} : { memories: shard.memories }),
});

export const isOpen = (shard: ShardCheckpoint): shard is OpenCheckpoint => shard.life !== 'ended';
export const hasEnded = (shard: ShardCheckpoint): shard is EndedShard => shard.life === 'ended';

export const readThroughOf = (shard: ShardCheckpoint): number | null =>
  shard.life === 'unread' ? null : shard.readThrough;
export const lastArrivalOf = (shard: ShardCheckpoint): number | null =>
  shard.life === 'unread' ? null : shard.lastArrival;
export const idleSinceOf = (shard: OpenCheckpoint): number | null => (shard.life === 'unread' ? null : shard.idleSince);
export const searchedThroughOf = (shard: OpenCheckpoint): number | undefined =>
  shard.life === 'unread' ? shard.searchedThrough : undefined;
export const waitsForOf = (shard: ShardCheckpoint): readonly string[] =>
  shard.life === 'unread' ? shard.waitsFor : [];

/** A shard may be read once all its parents were read to their end in a committed batch. One not known yet was not. */
export function isWaiting(shard: ShardCheckpoint, known: ReadonlyMap<string, ShardCheckpoint>): boolean {
  return waitsForOf(shard).some((parent) => known.get(parent)?.life !== 'ended');
}

/** Shards as they are once nobody waits for these parents any more. */
export function notWaitingFor(
  shards: readonly ShardCheckpoint[],
  gone: ReadonlySet<string>,
): readonly ShardCheckpoint[] {
  return shards.map((shard) =>
    shard.life === 'unread' && shard.waitsFor.some((parent) => gone.has(parent))
      ? { ...shard, waitsFor: shard.waitsFor.filter((parent) => !gone.has(parent)) }
      : shard,
  );
}
