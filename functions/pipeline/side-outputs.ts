/** What goes to outputs beside those of results: late events, and dead letters. */

/** The id of the output that `sideOutputLate` names. */
export const lateOutput = 'late';
/** The id of the output that `deadLettersTo` names. */
export const letterOutput = 'dead-letters';

/** Whether it is one of those that the pipeline's steps, and not `writeStream`, name. */
export const isSideOutput = (id: string): boolean => id === lateOutput || id === letterOutput;

/** The bytes of an event: as text where they are valid UTF-8, else in base64. */
export type PayloadForm =
  | {
      /** Character by character what came. */
      readonly text: string;
    }
  | {
      /** Bytes that are no text. */
      readonly base64: string;
    };

/** What `sideOutputLate` writes of an event that came too late, as a JSON object. */
export type LateEvent = {
  /** The event as it came. Null: with it the record would be larger than the sink takes, or elements of the event before this have 4 MiB. */
  readonly payload: PayloadForm | null;
  /** Bytes of the event. */
  readonly payloadBytes: number;
  /** The event's own, and that of the record. */
  readonly partitionKey: string;
  /** Of the source; there is one, 'main'. */
  readonly source: string;
  /** Such as `shardId-000000000003`. */
  readonly shardId: string;
  /** Of the Kinesis record. */
  readonly sequenceNumber: string;
  /** Index inside an aggregated (KPL) record; 0 for an ordinary record. */
  readonly subSequenceNumber: number;
  /** Of several that `flatMap` has made of the event, which one is late: 0, 1, … Absent: the event itself is. */
  readonly element?: number;
  /** When the Kinesis record arrived: an ISO text, as all times are. */
  readonly arrivalTime: string;
  /** As `withWatermark` says it. */
  readonly eventTime: string;
  /** Begin of its window; of several the last one; of a session, of one of this event alone. */
  readonly windowStart: string;
  /** End of that window. */
  readonly windowEnd: string;
  /** That the batch began with. */
  readonly watermark: string;
  /** How long that window, with its allowed lateness, had been over by then: with so much more of it, and a millisecond, the event had counted. */
  readonly lateByMs: number;
};

/** What `deadLettersTo` writes of an event or a row that could not be processed, as a JSON object. */
export type DeadLetterRecord = {
  /** One of those that docs/reference/errors.md explains. */
  readonly reason: string;
  /** What exactly was wrong. */
  readonly message: string;
  /**
   * The event as it came; of a row its keys, window and aggregates as JSON text. Null: with it the record would be larger than the sink
   * takes. It is in the table.
   */
  readonly payload: PayloadForm | null;
  /** Bytes of it. */
  readonly payloadBytes: number;
  /** The event's own; empty of a row. */
  readonly partitionKey: string;
  /** Of the source; there is one, 'main'. Of rows 'results'. */
  readonly source: string;
  /** Such as `shardId-000000000003`; of a row `group-` and its key group. */
  readonly shardId: string;
  /** Of the Kinesis record; of a row the batch and its `ref`. */
  readonly sequenceNumber: string;
  /** Index inside an aggregated (KPL) record; of a row its place. */
  readonly subSequenceNumber: number;
  /** When the Kinesis record arrived, an ISO text; null of a row. */
  readonly arrivalTime: string | null;
};
