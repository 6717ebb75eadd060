/** A Kinesis data stream, as source or as sink. Only the stream is required. */
import type { Duration } from './duration.ts';
import { frozenCopy, type RawOptions } from './options.ts';

/** The stream by name or by ARN: exactly one. */
export type StreamLocation = (
  | { readonly streamName: string; readonly streamArn?: undefined }
  | { readonly streamArn: string; readonly streamName?: undefined }
) & {
  /** Default: the ARN's, else the one the program runs in. */
  readonly region?: string | undefined;
  /** An endpoint other than the region's own: a VPC endpoint, or an emulator. */
  readonly endpointUrl?: string | undefined;
};

/** A moment as ISO date and time with a zone, such as `AT_TIMESTAMP 2026-03-01T00:00:00Z`. */
export type AtTimestamp = `AT_TIMESTAMP ${string}T${string}${'Z' | `${'+' | '-'}${string}`}`;

export type KinesisSourceOptions = StreamLocation & {
  /**
   * How shards are read. 'GetRecords' (the default) polls and shares each shard's 5 calls and 2 MB a second with other
   * consumers. 'SubscribeToShard' is enhanced fan-out: 2 MB a second and shard of the pipeline's own, at a price. A
   * pipeline may change from one to the other at any time.
   */
  readonly consumerType?: 'GetRecords' | 'SubscribeToShard' | undefined;
  /**
   * Where the first batch starts; from then on the checkpoint counts. LATEST (the default) is the moment the first batch
   * is planned. EARLIEST is another word for TRIM_HORIZON.
   */
  readonly startingPosition?: 'LATEST' | 'TRIM_HORIZON' | 'EARLIEST' | AtTimestamp | undefined;
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
