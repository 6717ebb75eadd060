/** What the user's callbacks are given. */

/** What Kinesis knows about an event, given to every callback beside the event. */
export type EventMeta = {
  readonly streamName: string;
  readonly shardId: string;
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly sequenceNumber: string;
  /** Index inside an aggregated (KPL) record; 0 for an ordinary record. */
  readonly subSequenceNumber: number;
  /** Arrival at Kinesis. */
  readonly arrivalTime: Date;
};

export type Callback<Result> = (event: never, meta: EventMeta) => Result;
