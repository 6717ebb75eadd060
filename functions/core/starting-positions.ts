/**
 * A start with a place for each shard: the first listing held against it.
 *
 * START-1 A named shard starts at its place. A descendant of one is read from its beginning, after its parents; an ancestor
 *    is taken as read; everything else starts where `others` says.
 * START-2 A named shard that the stream no longer has was passed by retention: what it still held is a loss, unless it was
 *    named with its end.
 */
import type { ShardPlace, ShardPlaces } from '../pipeline/positions.ts';
import { isAfter, type Position, trimHorizon } from './position.ts';
import { type ListedShard, newCheckpoint, type ShardCheckpoint, takenAsRead } from './shard-checkpoint.ts';
import { ancestorsOf, descentFrom, type ListingChange, missingParents, noListingChange } from './shard-lineage.ts';
import { ofMainSource } from './shard-name.ts';
import type { DataLoss } from './shard-result.ts';

export function firstShardsAt(listed: readonly ListedShard[], shards: ShardPlaces, others: Position): ListingChange {
  const byId = new Map(listed.map((shard) => [shard.shardId, shard]));
  const named = new Set(Object.keys(shards));
  const ancestors = ancestorsOf(
    listed.filter(({ shardId }) => named.has(shardId)),
    byId,
  );
  const isDescendant = descentFrom(named, byId);
  const newShards = listed.flatMap((shard): ShardCheckpoint[] => {
    const place = shards[shard.shardId];
    if (place !== undefined) return [place.kind === 'shard-end' ? takenAsRead(shard) : newCheckpoint(shard, place)];
    if (isDescendant(shard)) return [newCheckpoint(shard, trimHorizon)];
    return ancestors.has(shard.shardId) ? [] : [newCheckpoint(shard, others)];
  });
  const known = new Set(newShards.map(({ shardId }) => shardId));
  return {
    ...noListingChange,
    newShards,
    unknownParents: missingParents(newShards, known),
    expiredUnread: Object.entries(shards).flatMap(([shardId, place]) =>
      byId.has(shardId) ? [] : lossOf(shardId, place),
    ),
  };
}

function lossOf(shardId: string, place: ShardPlace): DataLoss[] {
  if (place.kind === 'shard-end') return [];
  const lastRead = place.kind === 'after-sequence-number' ? place.sequenceNumber : null;
  return [{ ...ofMainSource(shardId), lastRead, readThrough: null, firstAvailable: null }];
}

type StreamNow = { readonly listed: readonly ListedShard[]; readonly serverTime: number };

/** What can't be meant, one line each: found before anything is written or read. */
export function problemsOfStart(places: ShardPlaces, { listed, serverTime }: StreamNow): readonly string[] {
  const option = 'source.startingPosition';
  const byId = new Map(listed.map((shard) => [shard.shardId, shard]));
  const names = Object.keys(places);
  if (names.length > 0 && !names.some((shardId) => byId.has(shardId))) {
    return [
      `${option}: the stream has none of the shards ${names.slice(0, 5).join(', ')}; use positions of this stream`,
    ];
  }
  return problemsOf(option, places, byId, (place, shard) => startProblem(place, shard, serverTime));
}

/** An end in a shard that is not there can't be met exactly. */
export function problemsOfEnd(places: ShardPlaces, { listed }: Pick<StreamNow, 'listed'>): readonly string[] {
  const option = 'source.endingPosition';
  const byId = new Map(listed.map((shard) => [shard.shardId, shard]));
  const missing = Object.keys(places).filter((shardId) => !byId.has(shardId));
  return [
    ...missing.map((shardId) => `${option}.${shardId}: the stream has no such shard, or no longer; leave it out`),
    ...problemsOf(option, places, byId, numberProblem),
  ];
}

function problemsOf(
  option: string,
  places: ShardPlaces,
  byId: ReadonlyMap<string, ListedShard>,
  problemIn: (place: ShardPlace, shard: ListedShard) => string | undefined,
): readonly string[] {
  return Object.entries(places).flatMap(([shardId, place]) => {
    const shard = byId.get(shardId);
    const problem = shard === undefined ? undefined : problemIn(place, shard);
    return problem === undefined ? [] : [`${option}.${shardId}: ${problem}`];
  });
}

/** Clocks differ: a start that is this little ahead of Kinesis is waited for. */
export const aheadMs = 60_000;

function startProblem(place: ShardPlace, shard: ListedShard, serverTime: number): string | undefined {
  if (place.kind === 'at-timestamp' && place.timestamp > serverTime + aheadMs) {
    return `${new Date(place.timestamp).toISOString()} is still to come; use a time up to now`;
  }
  if (place.kind === 'shard-end' && shard.sequenceNumbers !== undefined && shard.sequenceNumbers.last === undefined) {
    return 'SHARD_END is not allowed: the shard is open; use the last sequence number that was read';
  }
  return numberProblem(place, shard);
}

function numberProblem(place: ShardPlace, { sequenceNumbers }: ListedShard): string | undefined {
  if (place.kind !== 'after-sequence-number' || sequenceNumbers === undefined) return undefined;
  const { first, last } = sequenceNumbers;
  // Emulators end a closed shard with a placeholder, which may lie before its beginning and then says nothing.
  const hasEnd = last !== undefined && isAfter(last, first);
  const isOutside = isAfter(first, place.sequenceNumber) || (hasEnd && isAfter(place.sequenceNumber, last));
  if (!isOutside) return undefined;
  return `${place.sequenceNumber} is not a number of this shard, which has ${first} to ${last ?? 'now'}`;
}
