/**
 * Events on their way to a stream, sorted by the shard that owns their key: one lane per open shard.
 *
 * LANE-1 The packs of a lane depend on its events and on nothing else (with `flush` only at the end), so that the same
 *    input makes the same packs again.
 * LANE-2 Events of a lane leave it in the order they came.
 */
import { createHash } from 'node:crypto';
import { hashKeyOf, type Md5, shardFor } from '../../functions/core/hash-key.ts';
import { type EventToPack, type PackedRecord, packEvents } from '../../functions/core/pack-events.ts';
import { LocalProblem } from '../local-problem.ts';
import type { From } from '../services/stream-reader.ts';
import type { OpenShard } from '../services/streams.ts';

export type Lane = {
  readonly shard: OpenShard;
  /** Not packed yet. */
  events: EventToPack[];
  bytes: number;
  readonly ready: PackedRecord[];
  /** Packs that an earlier run has published: they are made again and dropped. */
  packsToSkip: number;
  acknowledgedPacks: number;
  /** Everything this publisher sent before lies before this place. */
  lastSent: From;
  lastSequenceNumber: string | undefined;
  /** Whether the first pack arrived is not known. */
  isUncertain: boolean;
};

export type ShardQueues = { readonly all: readonly Lane[]; of(partitionKey: string): Lane };

export type PackSize = { readonly maxEvents: number; readonly maxBytes: number };

export const md5: Md5 = (bytes) => createHash('md5').update(bytes).digest();

const maxRememberedKeys = 20_000;

export function openLanes(shards: readonly OpenShard[], since: number): ShardQueues {
  const all = shards.map(
    (shard): Lane => ({
      shard,
      events: [],
      bytes: 0,
      ready: [],
      packsToSkip: 0,
      acknowledgedPacks: 0,
      lastSent: { kind: 'at-timestamp', timestamp: since },
      lastSequenceNumber: undefined,
      isUncertain: false,
    }),
  );
  const lanes = new Map(all.map((lane) => [lane.shard, lane]));
  const known = new Map<string, Lane>();
  return {
    all,
    of(partitionKey) {
      const remembered = known.get(partitionKey);
      if (remembered !== undefined) return remembered;
      const shard = shardFor(hashKeyOf(partitionKey, md5), shards);
      const lane = shard === undefined ? undefined : lanes.get(shard);
      if (lane === undefined)
        throw new LocalProblem('unreachable', `No open shard takes the partition key ${partitionKey}.`);
      if (known.size >= maxRememberedKeys) known.clear();
      known.set(partitionKey, lane);
      return lane;
    },
  };
}

export function addToLane(lane: Lane, event: EventToPack, size: PackSize): void {
  lane.events.push(event);
  lane.bytes += event.data.length;
  if (lane.events.length >= size.maxEvents || lane.bytes >= size.maxBytes) flush(lane, size);
}

export function flush(lane: Lane, size: PackSize): void {
  for (const pack of packEvents(lane.events, size, md5)) {
    if (lane.packsToSkip > 0) lane.packsToSkip--;
    else lane.ready.push(pack);
  }
  lane.events = [];
  lane.bytes = 0;
}
