/** What the user's callbacks are given. */

/** Of a pipeline without `withReference`. */
export type NoReferences = Readonly<Record<never, never>>;

/** Where there is none. */
export const noReferences: NoReferences = Object.freeze({});

/** What is given to every callback of rows beside the row. */
export type RowMeta<References extends object = NoReferences> = {
  /** What `withReference` has named, each under its name. */
  readonly references: Readonly<References>;
};

/** What Kinesis knows about an event. */
export type EventFacts = {
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

/** What is given to every callback beside the event: what Kinesis knows about it and, behind `withReference`, `references`. */
export type EventMeta<References extends object = NoReferences> = EventFacts &
  ([keyof References] extends [never] ? unknown : RowMeta<References>);

export type Callback<Result> = (event: never, meta: EventMeta) => Result;
