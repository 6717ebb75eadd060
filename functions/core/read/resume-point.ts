/**
 * What was read of a shard before, and so where to open it, what to skip of what comes, and what may be missing.
 *
 *   continue         behind what a batch of this pipeline read last, or where a new shard begins
 *   after-gap        the same, but retention passed over it: what is left is read, from its oldest record on
 *   from-checkpoint  behind a record that another reader read last: nobody knows yet whether it is still there
 */
import type { PlannedShard } from '../model.ts';
import { isAfter, lastReadOf, type Position, positionMarginMs } from '../position.ts';
import type { EventPlace } from '../sent-places.ts';
import { readThroughOf, searchedThroughOf } from '../shard-checkpoint.ts';
import { nameOf } from '../shard-name.ts';
import type { DataLoss } from '../shard-result.ts';

/** The rest of a record is still to be read. A place from a checkpoint is another matter: it is the other reader's. */
export const isMidRecord = ({ start, position }: PlannedShard): boolean =>
  start !== 'from-checkpoint' && position.kind === 'after-sequence-number' && position.subSequenceNumber !== undefined;

/** Whether the record at the position is itself asked for: if something else comes first, it is gone. */
export const asksForRecord = (shard: PlannedShard): boolean => shard.start === 'from-checkpoint' || isMidRecord(shard);

/** Whether the first record that comes may tell of a loss. */
export const mayMiss = (shard: PlannedShard): boolean => shard.start === 'after-gap' || asksForRecord(shard);

/** Where to open the shard: what retention may have taken can't be asked for by its sequence number. */
export function openingPosition(shard: PlannedShard): Position {
  const { start, position } = shard;
  const searchedThrough = searchedThroughOf(shard);
  if (start === 'after-gap') return oldestAfter(position);
  if (start === 'continue' || position.kind !== 'after-sequence-number') return position;
  // The record was not found up to there. Search on from that time: started anew each time, a long search would never
  // end.
  if (searchedThrough !== undefined) return { kind: 'at-timestamp', timestamp: searchedThrough - positionMarginMs };
  return { ...position, subSequenceNumber: position.subSequenceNumber ?? 0 };
}

/** Where to open it instead if Kinesis no longer takes the record's number: all that is left. Undefined: nowhere. */
export function remainderOf(shard: PlannedShard): Position | undefined {
  return asksForRecord(shard) && lastReadOf(shard.position) !== undefined ? oldestAfter(shard.position) : undefined;
}

function oldestAfter(position: Position): Position {
  const after = lastReadOf(position);
  return after === undefined ? { kind: 'trim-horizon' } : { kind: 'trim-horizon', after };
}

/** Whether a record, or a part of it, was read before. */
export function isReadBefore({ position }: PlannedShard, sequenceNumber: string): boolean {
  const lastRead = lastReadOf(position);
  return lastRead !== undefined && !isAfter(sequenceNumber, lastRead);
}

/** Of a record that was read before: its events up to this one (exclusive) are skipped. Infinity: all of them. */
export function eventsReadBefore({ position }: PlannedShard, sequenceNumber: string): number {
  const isPart = position.kind === 'after-sequence-number' && position.subSequenceNumber !== undefined;
  if (!isPart || sequenceNumber !== position.sequenceNumber) return Number.POSITIVE_INFINITY;
  return position.subSequenceNumber! + 1;
}

/** Everything between what was read and the first record that is there. */
export function lossBefore(shard: PlannedShard, firstAvailable: DataLoss['firstAvailable']): DataLoss {
  const lastRead = lastReadOf(shard.position) ?? null;
  return { ...nameOf(shard), lastRead, readThrough: readThroughOf(shard), firstAvailable };
}

/** The last event that a position says was read. */
export function placeOf(position: Position): EventPlace | undefined {
  const sequenceNumber = lastReadOf(position);
  if (sequenceNumber === undefined) return undefined;
  const sub = position.kind === 'after-sequence-number' ? position.subSequenceNumber : undefined;
  return { sequenceNumber, sub: sub ?? Number.POSITIVE_INFINITY };
}
