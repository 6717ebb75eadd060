/** What one executor says of one shard that it has read. */
import type { Position, ShardEnding } from './position.ts';
import type { NamedMemory, RepeatCounts } from './repeats/named-memory.ts';
import type { SentPlaces } from './sent-places.ts';
import type { ListedShard } from './shard-checkpoint.ts';
import type { ShardName } from './shard-name.ts';

/** A stretch that retention took before it was read. */
export type DataLoss = ShardName & {
  readonly lastRead: string | null;
  readonly readThrough: number | null;
  readonly firstAvailable: { readonly sequenceNumber: string; readonly arrivalTime: number } | null;
};

type Stopped = {
  /** From where the next read goes on. */
  readonly to: Position;
  /** What outputs have acknowledged of the events behind it. */
  readonly sentAhead?: readonly SentPlaces[];
};

/**
 * Why the read ended, and what only that end has.
 *
 * end-of-shard  the shard's own end: there is nowhere to go on from
 * ended         the end of the pipeline or of the run
 * throttled     the limits of Kinesis, which other readers of the shard may have used up, left nothing for this turn
 * held          before an event that its executor died of, now or not long ago
 */
export type ReadOutcome =
  | { readonly kind: 'end-of-shard'; readonly children: readonly ListedShard[] }
  | (Stopped & { readonly kind: 'ended'; readonly endedAt: ShardEnding })
  /** `endedAt`: held behind an event that became a letter, and it was the last one before that end. */
  | (Stopped & { readonly kind: 'held'; readonly endedAt?: ShardEnding })
  | (Stopped & { readonly kind: 'caught-up' | 'budget-spent' | 'deadline' | 'throttled' | 'failed' });

export type StopReason = ReadOutcome['kind'];

type ReadThrough =
  /** Kinesis time up to which everything that arrived was read. */
  | { readonly readThrough: number }
  /** Nothing is sure of; of a place that was handed over, Kinesis time up to which its record was looked for. */
  | { readonly readThrough: null; readonly searchedThrough?: number };

/** All but `outcome` is so however the read ended. */
export type ShardResult = ShardName &
  ReadThrough & {
    readonly from: Position;
    readonly outcome: ReadOutcome;
    readonly records: number;
    readonly events: number;
    /** Events in aggregated records that belong to another shard, where their producer sends them again. Not read. */
    readonly resentElsewhere: number;
    /** With `deduplicate`: events that came before, which were not read, and events that say nothing by which that could be told. */
    readonly repeats?: RepeatCounts;
    /** What is known of records up to where the read ended; absent: what was known before. */
    readonly memory?: NamedMemory;
    readonly bytes: number;
    readonly lastArrival: number | null;
    /** Largest event time delivered in this batch. */
    readonly maxEventTime: number | null;
    /**
     * Kinesis time of the answer that proved the tip; null if none did. Not every read that caught up has one (all that came
     * was read before), and one that then met an end, or a deadline, may.
     */
    readonly tipTime: number | null;
    readonly millisBehindLatest: number;
    /** GetRecords calls made, and calls that Kinesis refused because of its limits. */
    readonly calls?: number;
    readonly throttles?: number;
    /** Kinesis time of the last answer; absent if there was none. */
    readonly answeredAt?: number;
    /** Kinesis time at which it was at its tip and not closed; absent if no answer says so. It may have ended since. */
    readonly openAt?: number;
    /** After a large answer, be it the last of the shard: until when Kinesis refuses the next call. */
    readonly readableAt?: number;
    readonly dataLoss: DataLoss | null;
    /** When the last subscription to it began; null without one. */
    readonly subscribedAt: number | null;
  };
