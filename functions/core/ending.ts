/**
 * Where reading ends: a place in each shard, as a start is one. Kinesis knows no end, so the executor finds it.
 *
 * ENDING-1 An end is a cut: what lies before it in the order of the shard is read, nothing after it. A time cuts before the
 *    first record that arrived then or later, as an iterator at that time starts there. So runs of which one ends where the
 *    other starts read everything once.
 * ENDING-2 A shard is at its end by what was read of it, never by what was not: it met the cut, or was at its tip at a
 *    Kinesis time past the end, or its position lies there.
 * ENDING-3 All is read when every known shard is at its end, or waits for one that will not be read further.
 * ENDING-4 A place of a named shard says all of its lineage: its ancestors are read whole, its descendants only if they are
 *    named, and so is everything unrelated.
 */
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { EndingPosition, ShardPlace } from '../pipeline/positions.ts';
import { inherited } from './inheritance.ts';
import type { RunBound, SourceState } from './model.ts';
import { isAfter, lastReadOf, type Position, positionMarginMs, type ShardEnding } from './position.ts';
import { hasEnded, isOpen, type ListedShard, type ShardCheckpoint, waitsForOf } from './shard-checkpoint.ts';
import { ancestorsOf } from './shard-lineage.ts';

export type Ending =
  | { readonly kind: 'at-timestamp'; readonly timestamp: number; readonly provesEndFrom: number }
  | {
      readonly kind: 'per-shard';
      readonly shards: Readonly<Record<string, ShardPlace>>;
      readonly ancestors: ReadonlySet<string>;
    };

/**
 * What we take for Kinesis's time may be two seconds behind it: the `Date` header has whole seconds, and `server-time.ts`
 * takes one off.
 */
const clockMarginMs = 2_000;

/**
 * The end of a run that reads what the stream holds when it starts, at this Kinesis time: another one than that of the
 * run before, even within the same second, or its shards would count as read.
 */
export function availableAt(serverTime: number, before: RunBound | undefined): RunBound {
  // Two ways prove that a shard is done: it was at its tip at a Kinesis time after the run began (`provesEndFrom`); or, on a
  // busy shard that never reaches its tip, a record came that is stamped `timestamp` or later. Arrival stamps can be out
  // of order, so that is two minutes later than the run's beginning.
  const timestamp = Math.max(serverTime + clockMarginMs + positionMarginMs, (before?.timestamp ?? 0) + 1);
  return { timestamp, provesEndFrom: serverTime };
}

/** Of the pipeline's run, if it is one of what is available now. */
export const runBoundOf = (
  { trigger }: Pick<Pipeline, 'trigger'>,
  { runBound }: Pick<SourceState, 'runBound'>,
): RunBound | undefined => (trigger.availableNow === true ? runBound : undefined);

/** `listed`: the stream's shards, to know which are ancestors of named ones. */
export function endingOf(
  position: EndingPosition | undefined,
  runBound: RunBound | undefined,
  listed: readonly ListedShard[],
): Ending | undefined {
  if (position === undefined) return runBound === undefined ? undefined : { kind: 'at-timestamp', ...runBound };
  if (position.kind === 'at-timestamp') {
    return { ...position, provesEndFrom: position.timestamp + positionMarginMs };
  }
  const byId = new Map(listed.map((shard) => [shard.shardId, shard]));
  const named = Object.keys(position.shards).flatMap((shardId) => byId.get(shardId) ?? []);
  return { ...position, ancestors: ancestorsOf(named, byId) };
}

export function endingOfShard(shardId: string, ending: Ending | undefined): ShardEnding | undefined {
  if (ending === undefined || ending.kind === 'at-timestamp') return ending;
  const place = ending.shards[shardId];
  switch (place?.kind) {
    case undefined:
      return ending.ancestors.has(shardId) ? undefined : { kind: 'unread' };
    case 'trim-horizon':
      return { kind: 'unread' };
    case 'shard-end':
      return undefined;
    case 'at-timestamp':
      return { ...place, provesEndFrom: place.timestamp + positionMarginMs };
    case 'after-sequence-number':
      return place;
  }
}

/** ENDING-2 */
export function isAtEnd(shard: ShardCheckpoint, ending: ShardEnding | undefined): boolean {
  if (hasEnded(shard)) return true;
  const endedAt = shard.life === 'reading' ? shard.endedAt : undefined;
  switch (ending?.kind) {
    case undefined:
      return false;
    case 'unread':
      return true;
    case 'at-timestamp':
      return endedAt?.kind === 'at-timestamp' && endedAt.timestamp === ending.timestamp;
    case 'after-sequence-number':
      return lies(shard.position, ending) || (endedAt?.kind === 'after-sequence-number' && isSame(endedAt, ending));
  }
}

type Numbered = Extract<ShardEnding, { kind: 'after-sequence-number' }>;

const isSame = (one: Numbered, other: Numbered): boolean =>
  one.sequenceNumber === other.sequenceNumber && one.subSequenceNumber === other.subSequenceNumber;

/** Whether everything before the ending lies before the position too. */
function lies(position: Position, { sequenceNumber, subSequenceNumber }: Numbered): boolean {
  const lastRead = lastReadOf(position);
  if (lastRead === undefined) return false;
  if (lastRead !== sequenceNumber) return isAfter(lastRead, sequenceNumber);
  if (position.kind !== 'after-sequence-number' || position.subSequenceNumber === undefined) return true;
  return subSequenceNumber !== undefined && position.subSequenceNumber >= subSequenceNumber;
}

/**
 * Whether a run of what is available now is over: all before its end was read, or the pipeline has read past that end
 * since, in a run without one. To go on towards an end so long past would cut each shard at its next record.
 */
export function isRunOver(shards: readonly ShardCheckpoint[], runBound: RunBound): boolean {
  const ending = { kind: 'at-timestamp', ...runBound } as const;
  const isPast = (shard: ShardCheckpoint): boolean =>
    isAtEnd(shard, ending) || (shard.life === 'reading' && shard.readThrough > runBound.timestamp);
  return isAllRead(shards, ending) || shards.every(isPast);
}

/** ENDING-3 */
export function isAllRead(shards: readonly ShardCheckpoint[], ending: Ending | undefined): boolean {
  if (ending === undefined) return false;
  const known = new Map(shards.map((shard) => [shard.shardId, shard]));
  const isOver = (shard: ShardCheckpoint): boolean => isAtEnd(shard, endingOfShard(shard.shardId, ending));
  const isBlocked = inherited<ShardCheckpoint, boolean>(known, (shard, isParentBlocked) =>
    waitsForOf(shard).some((parentId) => {
      const parent = known.get(parentId);
      if (parent === undefined || hasEnded(parent)) return false;
      return isOver(parent) || isParentBlocked(parentId) === true;
    }),
  );
  // A stream always has open shards. If all that are known were closed, their children are not listed yet.
  const isWhole = ending.kind === 'per-shard' || shards.some(isOpen);
  return isWhole && shards.every((shard) => isOver(shard) || isBlocked(shard));
}
