/** How far a position reaches into what was really put into a shard. */
import type { Position } from '../../../functions/core/position.ts';
import type { StoredRecord, StoredShard } from '../services/kinesis/simulated-kinesis.ts';

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

/**
 * Records that a checkpoint says were read; `before` is what the checkpoint before said. An idle shard's position is a
 * time: it moves nothing, but it must not lie behind a record that was not read.
 */
export function indexOf(
  shard: StoredShard,
  position: Position,
  before: number,
): { readonly read: number; readonly jumps: boolean } {
  switch (position.kind) {
    case 'shard-end':
      return { read: shard.records.length, jumps: shard.closedAt === undefined };
    case 'after-sequence-number':
      return { read: countUpTo(shard.records, position.sequenceNumber), jumps: false };
    case 'trim-horizon':
      return { read: position.after === undefined ? before : countUpTo(shard.records, position.after), jumps: false };
    case 'at-timestamp': {
      const known = position.after === undefined ? before : countUpTo(shard.records, position.after);
      const next = firstArrivedAt(shard.records, position.timestamp);
      // What retention took can't be read any more: to go over it is no jump, but a loss to be told of.
      const read = Math.max(known, Math.min(next, shard.trimmed));
      return { read, jumps: next > read };
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
