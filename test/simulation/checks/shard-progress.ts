/** How far a position reaches into what was really put into a shard. */
import type { Position } from '../../../functions/core/position.ts';
import type { StoredRecord, StoredShard } from '../services/kinesis/simulated-kinesis.ts';
import type { Place } from './places.ts';

/** Records of the shard, from its start, that a pipeline with this starting position need not read. */
export function startIndexOf(shard: StoredShard, start: Position): number {
  if (start.kind !== 'at-timestamp') return 0;
  // A shard that was opened later is a child: it is read from its beginning.
  if (shard.openedAt > start.timestamp) return 0;
  return firstArrivedAt(shard.records, start.timestamp);
}

/** Whatever the stamps of its records are: a listing as of that time does not have it. */
export const isOverBefore = ({ closedAt }: StoredShard, start: Position): boolean =>
  start.kind === 'at-timestamp' && closedAt !== undefined && closedAt < start.timestamp;

/** So many records of a shard, from its start, and so many events of the record behind them. */
export type Reach = { readonly read: number; readonly within: number };

export const fromStart: Reach = { read: 0, within: 0 };

export const isBefore = (one: Reach, other: Reach): boolean =>
  one.read === other.read ? one.within < other.within : one.read < other.read;

/**
 * What a checkpoint says was read; `before` is what the checkpoint before said. An idle shard's position is a
 * time: it moves nothing, but it must not lie behind a record that was not read.
 */
export function indexOf(shard: StoredShard, position: Place, before: Reach): Reach & { readonly jumps: boolean } {
  switch (position.kind) {
    case 'shard-end':
      return { read: shard.records.length, within: 0, jumps: shard.closedAt === undefined };
    case 'after-sequence-number':
      return { ...reachOf(shard, position), jumps: false };
    case 'trim-horizon':
      return { ...knownOf(shard, position.after, before), jumps: false };
    case 'at-timestamp': {
      const known = knownOf(shard, position.after, before);
      const next = firstArrivedAt(shard.records, position.timestamp);
      // What retention took can't be read any more: to go over it is no jump, but a loss to be told of.
      const gone = Math.min(next, shard.trimmed);
      const reach = gone > known.read ? { read: gone, within: 0 } : known;
      return { ...reach, jumps: next > reach.read };
    }
  }
}

function countUpTo(records: readonly StoredRecord[], sequenceNumber: string): number {
  const last = BigInt(sequenceNumber);
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (BigInt(records[middle]!.sequenceNumber) <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** As an iterator AT_TIMESTAMP does: at the first record, in the order of the shard, that arrived then or later. */
function firstArrivedAt(records: readonly StoredRecord[], timestamp: number): number {
  const found = records.findIndex((record) => record.arrivalTime >= timestamp);
  return found < 0 ? records.length : found;
}

const knownOf = ({ records }: StoredShard, after: string | undefined, before: Reach): Reach =>
  after === undefined ? before : { read: countUpTo(records, after), within: 0 };

function reachOf(
  { records }: StoredShard,
  { sequenceNumber, subSequenceNumber }: Extract<Position, { kind: 'after-sequence-number' }>,
): Reach {
  const read = countUpTo(records, sequenceNumber);
  if (subSequenceNumber === undefined || records[read - 1]?.sequenceNumber !== sequenceNumber)
    return { read, within: 0 };
  return { read: read - 1, within: subSequenceNumber + 1 };
}
