/**
 * Which of two events comes first: by time, then by sequence number, then by place inside an aggregated record, then by
 * shard; of what `flatMap` makes of one event, by the order in which it was given.
 *
 * RANK-1 No two events have the same rank, and no two elements of one.
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
  /** Of an element that `flatMap` has made: its place among those of the event. Absent: the event itself counts. */
  readonly at?: number;
};

/** A value with the rank of its event. */
export type Ranked<Value> = { readonly value: Value; readonly rank: EventRank };

/** `sub` of an element: with its place. */
export type SavedRank = readonly [
  time: number,
  sequence: string,
  sub: number | readonly [sub: number, at: number],
  shard: string,
];

/** Negative: `one` comes first. */
export function compareRanks(one: EventRank, other: EventRank): number {
  return (
    one.time - other.time ||
    compareNumbers(one.sequence, other.sequence) ||
    one.sub - other.sub ||
    compareTexts(one.shard, other.shard) ||
    (one.at ?? 0) - (other.at ?? 0)
  );
}

export const saveRank = ({ time, sequence, sub, shard, at }: EventRank): SavedRank => [
  time,
  sequence,
  at === undefined ? sub : [sub, at],
  shard,
];

export function restoreRank([time, sequence, place, shard]: SavedRank): EventRank {
  if (typeof place === 'number') return { time, sequence, sub: place, shard };
  const [sub, at] = place;
  return { time, sequence, sub, shard, at };
}

/** Decimal numbers of more digits than a double has, as sequence numbers are. Negative: `one` is less. */
export function compareNumbers(one: string, other: string): number {
  if (one.length === other.length) return compareTexts(one, other);
  const difference = BigInt(one) - BigInt(other);
  return difference < 0n ? -1 : Number(difference > 0n);
}

const compareTexts = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
