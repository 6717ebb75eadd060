/**
 * Where to read a shard from: never an iterator (they live five minutes), never LATEST (it means another place each
 * time it is asked).
 *
 * POSITION-1 A position never moves back: `overEmptyStretch` returns one that covers at least what was covered.
 */
export type Position =
  /** `after`: records up to this sequence number were read before; they are skipped, not counted again. */
  | { readonly kind: 'trim-horizon'; readonly after?: string }
  | { readonly kind: 'at-timestamp'; readonly timestamp: number; readonly after?: string }
  /** With a sub-sequence number the record itself is read again and its events up to that index are skipped (-1: none). */
  | { readonly kind: 'after-sequence-number'; readonly sequenceNumber: string; readonly subSequenceNumber?: number };

/** The end of one shard. A shard without one is read to its end if it is closed, and for ever if it is open. */
export type ShardEnding =
  | { readonly kind: 'unread' }
  /** `provesEndFrom`: a shard at its tip at this Kinesis time holds nothing more that is stamped before `timestamp`. */
  | { readonly kind: 'at-timestamp'; readonly timestamp: number; readonly provesEndFrom: number }
  | { readonly kind: 'after-sequence-number'; readonly sequenceNumber: string; readonly subSequenceNumber?: number };

/** Arrival stamps of a shard are not exact: an idle position stays this far behind the tip. */
export const positionMarginMs = 120_000;

export const trimHorizon: Position = { kind: 'trim-horizon' };

/** Sequence numbers are decimal strings of up to 128 digits, so they compare as numbers, never as text. */
export function isAfter(sequenceNumber: string, other: string): boolean {
  if (sequenceNumber.length !== other.length) return BigInt(sequenceNumber) > BigInt(other);
  return sequenceNumber > other;
}

/** The last sequence number that this position proves to have been read, if it names one. */
export function lastReadOf(position: Position): string | undefined {
  switch (position.kind) {
    case 'after-sequence-number':
      return position.sequenceNumber;
    case 'trim-horizon':
    case 'at-timestamp':
      return position.after;
  }
}

export const afterSequenceNumber = (sequenceNumber: string, subSequenceNumber?: number): Position => ({
  kind: 'after-sequence-number',
  sequenceNumber,
  ...(subSequenceNumber === undefined ? {} : { subSequenceNumber }),
});

/**
 * The position of a shard with nothing in it up to `through`: a time a margin before, since arrival stamps are not
 * exact. It spares the next read a walk over an empty stretch.
 *
 * As long as the margin reaches back to the last record read, the position stays with that record: reading a full
 * margin again and again could keep a busy shard from ever moving on. What stray stamps make it re-read all the same
 * is skipped by `after`.
 */
export function overEmptyStretch(
  position: Position,
  stretch: { readonly through: number; readonly lastArrival: number | null; readonly marginMs: number },
): Position {
  const timestamp = stretch.through - stretch.marginMs;
  if (stretch.lastArrival !== null && timestamp <= stretch.lastArrival) return position;
  // The record in the middle of which the position lies must be read again: keep it.
  if (position.kind === 'after-sequence-number' && position.subSequenceNumber !== undefined) return position;
  if (position.kind === 'at-timestamp' && position.timestamp >= timestamp) return position;
  const after = lastReadOf(position);
  return after === undefined ? { kind: 'at-timestamp', timestamp } : { kind: 'at-timestamp', timestamp, after };
}

export function isSamePosition(one: Position, other: Position): boolean {
  return one.kind === other.kind && JSON.stringify(sortedFields(one)) === JSON.stringify(sortedFields(other));
}

const sortedFields = (position: Position) => Object.entries(position).sort(([one], [other]) => (one < other ? -1 : 1));

/** Short text for identities and reports: the same position gives the same text. */
export function describePosition(position: Position): string {
  switch (position.kind) {
    case 'trim-horizon':
      return position.after ?? 'TRIM_HORIZON';
    case 'at-timestamp':
      return position.after ?? `AT_TIMESTAMP ${position.timestamp}`;
    case 'after-sequence-number':
      return position.subSequenceNumber === undefined
        ? position.sequenceNumber
        : `${position.sequenceNumber}.${position.subSequenceNumber}`;
  }
}
