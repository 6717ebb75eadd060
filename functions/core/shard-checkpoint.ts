/** What the engine knows of a shard between two batches: every seal carries one checkpoint of each. */
import type { Position, ShardEndpoint } from './position.ts';
import type { SentPlaces } from './sent-places.ts';
import { ofMainSource, type ShardName } from './shard-name.ts';

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

export type ShardCheckpoint = ShardName &
  ListedShard & {
    /** Those of the parents that must have ended before this shard is read; the others left the stream unknown. */
    readonly waitsFor: readonly string[];
    readonly position: Position;
    /** The end up to which the last read of the shard came. */
    readonly endedAt?: ShardEndpoint;
    /** Kinesis time up to which everything that arrived was read; null before the first read. */
    readonly readThrough: number | null;
    /** Of a place that was handed over: Kinesis time up to which its record was looked for, and nothing came. */
    readonly walkedThrough?: number;
    /** Arrival of the last record read; null before the first. */
    readonly lastArrival: number | null;
    /** What the shard says about the watermark; null is "no event yet": minus infinity. */
    readonly mark: number | null;
    /** Kinesis time since which the shard was seen at its tip without an event time delivered. */
    readonly quietSince: number | null;
    readonly load: ShardLoad;
    /** For enhanced fan-out: when its consumer last subscribed, by the clock of the function. */
    readonly lastSubscribedAt: number | null;
    /** Kinesis time at which it was last known to be at its tip and not closed. */
    readonly openAt?: number;
    /** After a large answer: until when Kinesis refuses the next call. Absent: it may be read at once. */
    readonly readableAt?: number;
    /** What the sink has acknowledged of the events behind the position. */
    readonly sentAhead?: SentPlaces;
  };

export function newCheckpoint(shard: ListedShard, position: ShardCheckpoint['position']): ShardCheckpoint {
  return {
    ...ofMainSource(shard.shardId),
    parents: shard.parents,
    waitsFor: shard.parents,
    hashRange: shard.hashRange,
    position,
    readThrough: null,
    lastArrival: null,
    mark: null,
    quietSince: null,
    load: unmeasured,
    lastSubscribedAt: null,
  };
}

/** A shard may be read once all its parents were read to their end in a committed batch. One not known yet was not. */
export function isWaiting(
  shard: Pick<ShardCheckpoint, 'waitsFor'>,
  known: ReadonlyMap<string, Pick<ShardCheckpoint, 'position'>>,
): boolean {
  return shard.waitsFor.some((parent) => known.get(parent)?.position.kind !== 'shard-end');
}

/** Shards as they are once nobody waits for these parents any more. */
export function notWaitingFor(
  shards: readonly ShardCheckpoint[],
  gone: ReadonlySet<string>,
): readonly ShardCheckpoint[] {
  return shards.map((shard) =>
    shard.waitsFor.some((parent) => gone.has(parent))
      ? { ...shard, waitsFor: shard.waitsFor.filter((parent) => !gone.has(parent)) }
      : shard,
  );
}
