/** A Kinesis data stream, as source or as sink. Only the stream is required. */
import type { Compression } from './compression.ts';
import type { Duration } from './duration.ts';
import { frozenCopy, type RawOptions } from './options.ts';
import type { AtTimestamp, PositionsText, ShardPositions, SparkCheckpoint } from './positions.ts';

/** The stream by name or by ARN: exactly one. */
export type StreamLocation = (
  | { readonly streamName: string; readonly streamArn?: undefined }
  | { readonly streamArn: string; readonly streamName?: undefined }
) & {
  /** Default: the ARN's, else the one in the endpoint's host name, else the one the program runs in. */
  readonly region?: string | undefined;
  /** An endpoint other than the region's own: a VPC endpoint, or an emulator. */
  readonly endpointUrl?: string | undefined;
  /** A role to assume for this stream. Default: the program's own credentials. */
  readonly role?: RoleOptions | undefined;
};

/**
 * An IAM role, usually of the account that the stream belongs to. Its credentials serve this stream only: the table is
 * always reached with the program's own. They are kept, and renewed before they expire.
 */
export type RoleOptions = {
  /** Such as `arn:aws:iam::123456789012:role/flights-reader`. A stream given by name is one of the role's account. */
  readonly arn: string;
  /** As CloudTrail shows it: 2 to 64 characters. Default: `sluice-` and the pipeline's name. */
  readonly sessionName?: string | undefined;
  /** What the role's trust policy asks for as `sts:ExternalId`, if it does. */
  readonly externalId?: string | undefined;
  /** How long credentials hold: '15 minutes' to '1 hour' (the default, and what STS grants a role that assumes another). */
  readonly duration?: Duration | undefined;
  /** Region of the STS that is asked. Default: the one in the host name of `stsEndpointUrl`, else the stream's. */
  readonly stsRegion?: string | undefined;
  /** An STS endpoint other than the region's own, such as a VPC endpoint. */
  readonly stsEndpointUrl?: string | undefined;
};

export type StreamPosition = 'LATEST' | 'TRIM_HORIZON' | 'EARLIEST' | AtTimestamp;

export type KinesisSourceOptions = StreamLocation & {
  /**
   * How shards are read. 'GetRecords' (the default) polls and shares each shard's 5 calls and 2 MB a second with other
   * consumers. 'SubscribeToShard' is enhanced fan-out: 2 MB a second and shard of the pipeline's own, at a price. A
   * pipeline may change from one to the other at any time.
   */
  readonly consumerType?: 'GetRecords' | 'SubscribeToShard' | undefined;
  /**
   * Where the first batch starts; from then on the checkpoint counts. LATEST (the default) is the moment the first batch
   * is planned. EARLIEST is another word for TRIM_HORIZON. A position for each shard, or the Spark connector's checkpoint
   * as JSON text or object, takes a stream up where another reader stopped: descendants of named shards are read from
   * their beginning, ancestors not at all, `others` (default TRIM_HORIZON) is where all unrelated shards start.
   */
  readonly startingPosition?:
    | StreamPosition
    | (ShardPositions & { readonly others?: StreamPosition | undefined })
    | SparkCheckpoint
    | PositionsText
    | undefined;
  /**
   * Where the pipeline ends; without it, never. AT_TIMESTAMP: each shard before its first record that arrived then or
   * later. A place for each shard: exactly there, inside an aggregated record too; of shards that are not named only
   * ancestors of named ones are read, to their end.
   */
  readonly endingPosition?: AtTimestamp | ShardPositions | SparkCheckpoint | PositionsText | undefined;
  /** Shards are listed at most this often. Default '1 second'; '0 seconds': for every batch. */
  readonly describeShardInterval?: Duration | undefined;
  /**
   * Most events of one shard in one batch. Default 10000, what one GetRecords call can return: more calls mean waiting
   * between them, which a function pays for and the state machine hardly does.
   */
  readonly maxFetchRecordsPerShard?: number | undefined;
  /** Longest time to read one shard in one batch. Default: until the tip, the record limit, or the function's deadline. */
  readonly maxFetchTimePerShard?: Duration | undefined;
  readonly getRecords?:
    | {
        /** `Limit` of a GetRecords call, 1 to 10000. Default 10000. */
        readonly numberOfRecordsPerFetch?: number | undefined;
        /** Shortest time between two calls to one shard. Default '200 milliseconds'. */
        readonly fetchInterval?: Duration | undefined;
      }
    | undefined;
  /** For `consumerType: 'SubscribeToShard'`. */
  readonly subscribeToShard?:
    | {
        /**
         * The registered consumer: 1 to 128 letters, digits, _ . or -. Default 'sluice-' and the pipeline's name. It is
         * registered if it does not exist, and then carries the tag `sluice:pipeline` with the pipeline's name.
         */
        readonly consumerName?: string | undefined;
        /**
         * A consumer that its owner has registered, by its ARN: the way to read another account's stream by fan-out, which is
         * then given by `streamArn`. It is never registered, tagged or checked for its tag here.
         */
        readonly consumerArn?: string | undefined;
        /** True: a consumer that exists is used whatever its tag says. Default false: only this pipeline's own. */
        readonly adopt?: boolean | undefined;
        /**
         * What happens if there is no consumer and none can be registered: because the stream has as many as AWS allows
         * (20, or 50 with On-demand Advantage), or because registering is not allowed. 'fail' (the default) stops,
         * 'polling' reads by GetRecords until there is one.
         */
        readonly fallBack?: 'fail' | 'polling' | undefined;
        /**
         * AWS wants HTTP/2 for subscriptions, emulators often have HTTP/1.1 only. Default 'auto': '1.1' for an endpoint
         * that begins with http:, else '2'.
         */
        readonly httpVersion?: 'auto' | '1.1' | '2' | undefined;
      }
    | undefined;
  /**
   * When records left the stream's retention before they were read: true stops the pipeline, false (the default)
   * reports the gap and goes on.
   */
  readonly failOnDataLoss?: boolean | undefined;
  /**
   * How producers compress the payload of each event, in an aggregated record or not: 'none' (the default), 'gzip',
   * 'zstd', or 'auto', which goes by the first bytes of each and takes what begins like neither as it is. Decoder and
   * callbacks get the expanded bytes; bytes that pass through, and dead letters, stay as they came.
   */
  readonly compression?: Compression | undefined;
  /**
   * What a compressed payload may become, in bytes, 1 to 104857600; one that would be larger is a dead letter. Default
   * 10485760 (10 MiB), the largest record that Kinesis takes.
   */
  readonly maxDecompressedBytes?: number | undefined;
};

export type KinesisSinkOptions<Row> = StreamLocation & {
  /** Default: the group key, or the partition key that the source record had. */
  readonly partitionKey?: ((row: Row) => string) | undefined;
  /**
   * `field` (the default) adds the output's identity to each JSON object, as its last field, so that a reader can drop
   * repeats; `none` adds nothing. Bytes that pass through are never changed, so they carry none.
   */
  readonly identity?: 'field' | 'none' | undefined;
  /** Default '_sluice'. */
  readonly identityField?: string | undefined;
  /**
   * The largest record that the stream takes, data and partition key together, in bytes, 1048576 (1 MiB) to 10485760 (10
   * MiB). What would be larger is a dead letter. Default: what the stream says when such a record comes, which is 1 MiB
   * unless it was changed; with `runPipeline`, which has no stream, 1 MiB.
   */
  readonly maxRecordBytes?: number | undefined;
  /**
   * Whether this may be the stream that is read. The pipeline then reads what it wrote, and has to tell by itself when to
   * stop. Default false: such a pipeline is refused.
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

export type KinesisStream<Role extends KinesisRole = KinesisRole, Row = unknown> = {
  readonly kind: 'kinesis';
  readonly options: RawOptions;
  /** Carries the types only; never set. */
  readonly '~accepts'?: (role: Role, row: Row) => void;
};

/** A Kinesis data stream: the step it is given to decides which options it takes. */
export function kinesis<Role extends KinesisRole = KinesisRole, Row = unknown>(
  options: KinesisOptions<Role, Row>,
): KinesisStream<Role, Row> {
  return Object.freeze({ kind: 'kinesis', options: frozenCopy(options) });
}
