/** What the user's callbacks are given. */

/** What Kinesis knows about an event, given to every callback beside the event. */
export type EventMeta = {
  /** Of the stream that is read. */
  readonly streamName: string;
  /** Such as `shardId-000000000003`. */
  readonly shardId: string;
  /** Of the event: inside an aggregated record, its own. */
  readonly partitionKey: string;
  /** What the producer gave in place of the partition key's hash, as a decimal number; undefined where it gave none. */
  readonly explicitHashKey: string | undefined;
  /** Of the Kinesis record, as a decimal number. It grows within a shard. */
  readonly sequenceNumber: string;
  /** Index inside an aggregated (KPL) record; 0 for an ordinary record. */
  readonly subSequenceNumber: number;
  /** When the Kinesis record arrived, by Kinesis's clock. */
  readonly arrivalTime: Date;
};

export type Callback<Result> = (event: never, meta: EventMeta) => Result;
