/**
 * Places in a stream, as they are written: one for all shards, or one for each.
 *
 * A place lies between two events. A run reads from its starting place to its ending one, so two runs of which one ends
 * where the other starts read everything once.
 */

/** A moment as ISO date and time with a zone, such as `AT_TIMESTAMP 2026-03-01T00:00:00Z`. */
export type AtTimestamp = `AT_TIMESTAMP ${string}T${string}${'Z' | `${'+' | '-'}${string}`}`;

/**
 * A place in one shard. AT_TIMESTAMP: before the first record, in the order of the shard, that arrived then or later.
 * AFTER_SEQUENCE_NUMBER: after a record, or, with `.` and an index, after that event inside an aggregated record.
 * AT_SEQUENCE_NUMBER: before a record. SHARD_END: after all records of a closed shard.
 */
export type ShardPosition =
  | 'TRIM_HORIZON'
  | 'EARLIEST'
  | AtTimestamp
  | `AFTER_SEQUENCE_NUMBER ${bigint | `${bigint}.${bigint}`}`
  | `AT_SEQUENCE_NUMBER ${bigint}`
  | 'SHARD_END';

/** A place for each shard, by its id. */
export type ShardPositions = { readonly [shardId: `shardId-${string}`]: ShardPosition };

/**
 * What the Spark connector saves of a batch: where each shard is read next. Numbers and booleans may be texts, as they
 * are in Spark's offset log.
 */
export type SparkCheckpoint = {
  /** What the checkpoint is of. */
  readonly metadata: {
    /** Must be the name of the stream that is read. */
    readonly streamName: string;
    /** Of Spark's micro-batch; not used here. */
    readonly batchId: string | number;
  };
  readonly [shardId: `shardId-${string}`]: {
    /** Which kind of place: `AFTER_SEQUENCE_NUMBER`, `TRIM_HORIZON`, … */
    readonly iteratorType: string;
    /** A sequence number, a time, or nothing, as the kind asks for. */
    readonly iteratorPosition: string;
    /** The index of the last event that was read of an aggregated record; -1: of the whole record. */
    readonly subSequenceNumber: string | number;
    /** Whether that event was the record's last. */
    readonly isLast: string | boolean;
  };
};

/** The same as JSON text. */
export type PositionsText = `{${string}`;

/** Checked. `subSequenceNumber` is the index of the last event before the place; -1: the record is still to be read. */
export type ShardPlace =
  | { readonly kind: 'trim-horizon' }
  | { readonly kind: 'at-timestamp'; readonly timestamp: number }
  | {
      readonly kind: 'after-sequence-number';
      readonly sequenceNumber: string;
      readonly subSequenceNumber?: number;
    }
  | { readonly kind: 'shard-end' };

export type ShardPlaces = Readonly<Record<string, ShardPlace>>;

export type StreamPlace =
  | { readonly kind: 'latest' }
  | { readonly kind: 'trim-horizon' }
  | { readonly kind: 'at-timestamp'; readonly timestamp: number };

export type StartingPosition =
  | StreamPlace
  /** `others`: shards that are related to none of the named ones. */
  | { readonly kind: 'per-shard'; readonly shards: ShardPlaces; readonly others: StreamPlace };

export type EndingPosition =
  | { readonly kind: 'at-timestamp'; readonly timestamp: number }
  | { readonly kind: 'per-shard'; readonly shards: ShardPlaces };
