/**
 * Which of two events comes first: by time, then by sequence number, then by place inside an aggregated record, then by
 * shard.
 *
 * RANK-1 No two events have the same rank.
 * RANK-2 It follows from the event alone, whoever read it, together with which others: the time is the event's own or, of
 *    a pipeline without event times, that of its record's arrival. Sequence numbers grow with time across shards, too, and
 *    from a shard to its children.
 */
export type EventRank = {
  /** Epoch milliseconds: of the record's arrival, until the event's own time is known. */
  time: number;
  readonly sequence: string;
  readonly sub: number;
  readonly shard: string;
};

/** A value with the rank of its event. */
export type Ranked<Value> = { readonly value: Value; readonly rank: EventRank };

export type SavedRank = readonly [time: number, sequence: string, sub: number, shard: string];

/** Negative: `one` comes first. */
export function compareRanks(one: EventRank, other: EventRank): number {
  return (
    one.time - other.time ||
    compareNumbers(one.sequence, other.sequence) ||
    one.sub - other.sub ||
    compareTexts(one.shard, other.shard)
  );
}

export const saveRank = ({ time, sequence, sub, shard }: EventRank): SavedRank => [time, sequence, sub, shard];
export const restoreRank = ([time, sequence, sub, shard]: SavedRank): EventRank => ({ time, sequence, sub, shard });

/** Decimal numbers of more digits than a double has. */
function compareNumbers(one: string, other: string): number {
  if (one.length === other.length) return compareTexts(one, other);
  const difference = BigInt(one) - BigInt(other);
  return difference < 0n ? -1 : Number(difference > 0n);
}

const compareTexts = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
