/**
 * A Kinesis data stream, as source or as sink. Only the stream is required.
 *
 * Long because each option says what it does, what it takes and what holds without it.
 */
import type { Compression } from './compression.ts';
import type { Duration } from './duration.ts';
import { frozenCopy, type RawOptions } from './options.ts';
import type { AtTimestamp, PositionsText, ShardPositions, SparkCheckpoint } from './positions.ts';
import type { RoleOptions } from './role-options.ts';

/** The stream by name or by ARN: exactly one. */
export type StreamLocation = (
  | {
      /** The stream by name. This or `streamArn`, exactly one. */
      readonly streamName: string;
      readonly streamArn?: undefined;
    }
  | {
      /** The stream by ARN, also one of another account. This or `streamName`, exactly one. */
      readonly streamArn: string;
      readonly streamName?: undefined;
    }
) & {
  /**
   * Region of the stream.
   * @default the ARN's, else the one in the endpoint's host name, else the one the program runs in
   */
  readonly region?: string | undefined;
  /**
   * An endpoint other than the region's own: a VPC endpoint, or an emulator.
   * @default the region's own
   */
  readonly endpointUrl?: string | undefined;
  /**
   * A role to assume for this stream. Source and sink have a role each, or none.
   * @default the program's own credentials
   */
  readonly role?: RoleOptions | undefined;
};

export type StreamPosition = 'LATEST' | 'TRIM_HORIZON' | 'EARLIEST' | AtTimestamp;

/** How a stream is read: what `kinesis` takes in `readStream`. The stream alone is required. */
export type KinesisSourceOptions = StreamLocation & {
  /**
   * How shards are read. 'GetRecords' polls and shares each shard's 5 calls and 2 MB a second with other consumers.
   * 'SubscribeToShard' is enhanced fan-out: 2 MB a second and shard of the pipeline's own, at a price. A pipeline may
   * change from one to the other at any time.
   * @default 'GetRecords'
   */
  readonly consumerType?: 'GetRecords' | 'SubscribeToShard' | undefined;
  /**
   * Where the first batch starts. It is resolved once and stored; from then on the checkpoint counts. LATEST is the moment
   * the first batch is planned. EARLIEST is another word for TRIM_HORIZON. A position for each shard, or the Spark
   * connector's checkpoint as JSON text or object, takes a stream up where another reader stopped: descendants of named
   * shards are read from their beginning, ancestors not at all, and `others` (TRIM_HORIZON without it) is where all
   * unrelated shards start.
   * @default 'LATEST'
   */
  readonly startingPosition?:
    | StreamPosition
    | (ShardPositions & { readonly others?: StreamPosition | undefined })
    | SparkCheckpoint
    | PositionsText
    | undefined;
  /**
   * Where the pipeline ends. AT_TIMESTAMP: each shard before its first record that arrived then or later. A place for each
   * shard: exactly there, inside an aggregated record too; of shards that are not named only ancestors of named ones are
   * read, to their end.
   * @default never
   */
  readonly endingPosition?: AtTimestamp | ShardPositions | SparkCheckpoint | PositionsText | undefined;
  /**
   * Shards are listed at most this often; '0 seconds': for every batch.
   * @default '1 second'
   */
  readonly describeShardInterval?: Duration | undefined;
  /**
   * Events of one shard in one batch: the read ends at the answer that reaches this many. 10000 is what one GetRecords call
   * can return: more calls mean waiting between them, which a function pays for and the state machine hardly does.
   * @default 10000
   */
  readonly maxFetchRecordsPerShard?: number | undefined;
  /**
   * Longest time to read one shard in one batch.
   * @default until the tip, the record limit, or the executor's deadline, 12 s after it began
   */
  readonly maxFetchTimePerShard?: Duration | undefined;
  /** For `consumerType: 'GetRecords'`. */
  readonly getRecords?:
    | {
        /**
         * `Limit` of one GetRecords call.
         * @default 10000
         */
        readonly numberOfRecordsPerFetch?: number | undefined;
        /**
         * Shortest time between two calls to one shard.
         * @default '200 milliseconds'
         */
        readonly fetchInterval?: Duration | undefined;
      }
    | undefined;
  /** For `consumerType: 'SubscribeToShard'`. */
  readonly subscribeToShard?:
    | {
        /**
         * The registered consumer. It is registered if it does not exist, and then carries the tag `sluice:pipeline` with
         * the pipeline's name.
         * @default `sluice-` and the pipeline's name
         */
        readonly consumerName?: string | undefined;
        /**
         * A consumer that its owner has registered, by its ARN: the way to read another account's stream by fan-out, which is
         * then given by `streamArn`. It is never registered, tagged or checked for its tag here.
         * @default none
         */
        readonly consumerArn?: string | undefined;
        /**
         * True: a consumer that exists is used whatever its tag says. False: only this pipeline's own.
         * @default false
         */
        readonly adopt?: boolean | undefined;
        /**
         * What happens if there is no consumer and none can be registered: because the stream has as many as AWS allows
         * (20, or 50 with On-demand Advantage), or because registering is not allowed. 'fail' stops, 'polling' reads by
         * GetRecords until there is one.
         * @default 'fail'
         */
        readonly fallBack?: 'fail' | 'polling' | undefined;
        /**
         * AWS wants HTTP/2 for subscriptions, emulators often have HTTP/1.1 only. 'auto' is '1.1' for an endpoint that
         * begins with http:, else '2'.
         * @default 'auto'
         */
        readonly httpVersion?: 'auto' | '1.1' | '2' | undefined;
      }
    | undefined;
  /**
   * When records left the stream's retention before they were read: true stops the pipeline before it reads on, false
   * reports the gap and goes on.
   * @default false
   */
  readonly failOnDataLoss?: boolean | undefined;
  /**
   * For a stream that another Sluice pipeline writes: true drops what its sink sends again after a crash, by the identity in
   * each record, so that every result or event is read once. What is known of earlier records is kept with the position of
   * its shard, and taken over by the shards that follow it. Records without an identity are read as they come. Repeats are
   * counted as `repeated`, records without an identity as `unidentified`.
   * @default false
   */
  readonly deduplicate?: boolean | DeduplicateOptions | undefined;
  /**
   * How producers compress the payload of each event, in an aggregated record or not. 'auto' goes by the first bytes of each
   * and takes what begins like neither as it is. Decoder and callbacks get the expanded bytes; bytes that pass through, and
   * dead letters, stay as they came.
   * @default 'none'
   */
  readonly compression?: Compression | undefined;
  /**
   * What a compressed payload may become, in bytes; one that would be larger is a dead letter. 10485760 (10 MiB) is the
   * largest record that Kinesis takes.
   * @default 10485760
   */
  readonly maxDecompressedBytes?: number | undefined;
};

/** What `deduplicate` takes in the place of `true`. */
export type DeduplicateOptions = {
  /**
   * The field that the sink writes the identity into, as its `identityField` says.
   * @default '_sluice'
   */
  readonly identityField?: string | undefined;
  /**
   * Once nothing has come of a sender for so long (of a pipeline, one of its outputs, one of its source shards), what is
   * known of it is forgotten. What a pipeline that was stopped in the middle of a batch sends again after a longer time
   * passes.
   * @default '30 days'
   */
  readonly forgetAfter?: Duration | undefined;
};

/** How a stream is written: what `kinesis` takes in `writeStream`. The stream alone is required. */
export type KinesisSinkOptions<Row> = StreamLocation & {
  /**
   * The partition key of a row: `(row) => string`.
   * @default the group key (a JSON array where there are several), or the source record's own key, with its explicit hash key
   */
  readonly partitionKey?: ((row: Row) => string) | undefined;
  /**
   * `field` adds the output's identity to each JSON object, as its last field, so that a reader can drop repeats; `none` adds
   * nothing. Bytes that pass through (no `map`, no `groupBy`) are never changed, so they carry none.
   * @default 'field'
   */
  readonly identity?: 'field' | 'none' | undefined;
  /**
   * The name of that field.
   * @default '_sluice'
   */
  readonly identityField?: string | undefined;
  /**
   * The largest record that the stream takes, data and partition key together, in bytes: 1 MiB, unless it was changed, to 10
   * MiB. What would be larger is a dead letter.
   * @default what the stream says when such a record comes; with `runPipeline`, which has no stream, 1 MiB
   */
  readonly maxRecordBytes?: number | undefined;
  /**
   * True: records of one partition key arrive in the order in which they were made, first arrivals of records that come twice. A
   * request then holds one record of a key at most, since a stream that refuses a part of a request may refuse the first of a key and
   * take the next: a key with many records in a batch takes as many requests, one after the other. False: order is kept from request to
   * request only.
   * @default false
   */
  readonly ordered?: boolean | undefined;
  /**
   * True: several records in one of the stream, up to 51,200 bytes, in the format of the Kinesis Producer Library, for readers that take it
   * apart (Sluice, the KCL, a Lambda function with a deaggregation library). Those of a key stay in order, and each has its own identity and partition
   * key. In the stream they go by one of 256 explicit hash keys. See docs/guides/aggregated-output.md.
   * @default false
   */
  readonly aggregate?: boolean | undefined;
  /**
   * Whether this may be the stream that is read. The pipeline then reads what it wrote, and has to tell by itself when to
   * stop. Without it such a pipeline is refused; two streams of one name count as one unless their accounts or regions are
   * known to differ.
   * @default false
   */
  readonly allowLoop?: boolean | undefined;
};

export type KinesisRole = 'source' | 'sink';

/** What `kinesis` takes where it stands: in `readStream`, in `writeStream`, or (in a variable) all of both. */
export type KinesisOptions<Role extends KinesisRole, Row> = [Role] extends ['source']
  ? KinesisSourceOptions
  : [Role] extends ['sink']
    ? KinesisSinkOptions<Row>
    : KinesisSourceOptions & KinesisSinkOptions<Row>;

/** What `kinesis` returns: a stream for `readStream` or `writeStream`. */
export type KinesisStream<Role extends KinesisRole = KinesisRole, Row = unknown> = {
  /** Always 'kinesis'. */
  readonly kind: 'kinesis';
  /** What `kinesis` was given, not yet checked. */
  readonly options: RawOptions;
  /** Carries the types only; never set. */
  readonly '~accepts'?: (role: Role, row: Row) => void;
};

/**
 * A Kinesis data stream, by name or by ARN. In `readStream` it takes the options of a source, in `writeStream` those of a sink;
 * both are checked when the pipeline is.
 *
 * @example
 * ```ts
 * pipeline('republish')
 *   .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
 *   .decode(json(Flight))
 *   .writeStream(kinesis({ streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/flights-again' }));
 * ```
 */
export function kinesis<Role extends KinesisRole = KinesisRole>(
  options: KinesisOptions<Role, unknown> & { readonly partitionKey?: undefined },
): KinesisStream<Role>;
/**
 * With a partition key of the sink's own, which says what the sink takes.
 *
 * @example
 * ```ts
 * pipeline('republish')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .writeStream(kinesis({ streamName: 'flights-again', partitionKey: (flight) => flight.origin }));
 * ```
 */
export function kinesis<Role extends KinesisRole = KinesisRole, Row = unknown>(
  options: KinesisOptions<Role, Row>,
): KinesisStream<Role, Row>;
export function kinesis(options: object): KinesisStream<never> {
  return Object.freeze({ kind: 'kinesis', options: frozenCopy(options) });
}
