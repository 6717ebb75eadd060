/** What one executor says of one shard that it has read. */
import type { Position, ShardEndpoint } from './position.ts';
import type { SentPlaces } from './sent-places.ts';
import type { ListedShard } from './shard-checkpoint.ts';
import type { ShardName } from './shard-name.ts';

/** A stretch that retention took before it was read. */
export type DataLoss = ShardName & {
  readonly lastRead: string | null;
  readonly readThrough: number | null;
  readonly firstAvailable: { readonly sequenceNumber: string; readonly arrivalTime: number } | null;
};

/**
 * throttled   the limits of Kinesis, which other readers of the shard may have used up, left nothing for this turn
 * held        before an event that its executor died of, now or not long ago
 */
export type StopReason =
  | 'caught-up'
  | 'end-of-shard'
  | 'ended'
  | 'budget-spent'
  | 'deadline'
  | 'throttled'
  | 'held'
  | 'failed';

export type ShardResult = ShardName & {
  readonly from: Position;
  readonly to: Position;
  readonly records: number;
  readonly events: number;
  /** Events in aggregated records that belong to another shard, where their producer sends them again. Not read. */
  readonly outOfRange: number;
  readonly bytes: number;
  readonly readThrough: number | null;
  readonly walkedThrough?: number;
  readonly lastArrival: number | null;
  /** Largest event time delivered in this batch. */
  readonly maxEventTime: number | null;
  /** Kinesis time of the answer that proved the tip; null if it was not reached. */
  readonly tipTime: number | null;
  readonly millisBehindLatest: number;
  readonly stop: StopReason;
  /** GetRecords calls made, and calls that Kinesis refused because of its limits. */
  readonly calls?: number;
  readonly throttles?: number;
  /** Kinesis time of the last answer; absent if there was none. */
  readonly answeredAt?: number;
  /** Kinesis time at which it was at its tip and not closed; absent if no answer says so. */
  readonly openAt?: number;
  readonly readableAt?: number;
  readonly sentAhead?: SentPlaces;
  /** The end that was reached, with stop 'ended'. */
  readonly endedAt?: ShardEndpoint;
  readonly children: readonly ListedShard[];
  readonly dataLoss: DataLoss | null;
  /** When the last subscription to it began; null without one. */
  readonly subscribedAt: number | null;
};
