/** `kinesis-sluice/state`: apart from the rest, since it takes the clients of DynamoDB and S3, which a pipeline file needs not. */
import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { createDynamodbClient } from './adapters/dynamodb/client.ts';
import { createStateReader } from './adapters/dynamodb/state-reader.ts';
import { StateTable } from './adapters/dynamodb/state-table.ts';
import { openStorage } from './adapters/dynamodb/storage.ts';
import { Table } from './adapters/dynamodb/table.ts';
import { createBucket, createBucketClient } from './adapters/s3/bucket.ts';
import { s3EndpointOf } from './adapters/s3/endpoint-of.ts';
import { SluiceError } from './core/errors.ts';
import { requirePipeline } from './pipeline/check-pipeline.ts';
import type { PipelineDefinition } from './pipeline/definition.ts';
import { systemClock } from './steps/system-clock.ts';

export type { StateGroup } from './adapters/dynamodb/state-reader.ts';
export type { StateFilter, StateWindows } from './adapters/dynamodb/state-table.ts';
export type { AskedKey } from './core/state/asked-keys.ts';
export type { StateSize } from './core/state/manifest.ts';
export type { StateChange } from './core/state/state-changes.ts';
export type { StateRow, StateRowKind } from './core/state/state-row.ts';
export type { WindowCount } from './core/state/window-tally.ts';

/** Which state `readState` reads, and where it lies. */
export type ReadStateOptions<Input = unknown, Row = unknown> = {
  /** The definition; or the name alone: then rows have no `values`, and there is no `changesSince`. */
  readonly pipeline: PipelineDefinition<Input, Row> | string;
  /** The table of checkpoints. */
  readonly tableName: string;
  /**
   * The bucket of large values (`stateBucket` of the construct).
   * @default there is none
   */
  readonly bucketName?: string;
  /**
   * The state after this batch, which must not be purged yet.
   * @default the last that was committed
   */
  readonly batchId?: number;
  /**
   * Where table and bucket lie.
   * @default that of the environment
   */
  readonly region?: string;
  /**
   * What the table is asked by.
   * @default a client with region, credentials and endpoint of the environment
   */
  readonly dynamodb?: DynamoDBClient;
  /**
   * What the bucket is asked by; for a server other than S3 with `forcePathStyle`.
   * @default a client with region, credentials and endpoint of the environment
   */
  readonly s3?: S3Client;
};

/** The state of a pipeline after one batch. What it holds is read when it is asked for, and as far as it is gone through. */
export type State = Pick<
  StateTable,
  'batchId' | 'watermark' | 'parallelism' | 'groups' | 'size' | 'rows' | 'windows' | 'changesSince'
>;

/**
 * What a deployed pipeline keeps of its open windows, for programs: the rows that `sluice state` shows. It reads, and writes nothing; it
 * takes the permissions of the command. See docs/operations.md.
 *
 * @throws `InvalidInput` if the pipeline has committed nothing, or the batch is none of those that are retained; or if an option is wrong
 * @throws `InvalidPipeline` if an option of the definition is wrong, naming all that are
 * @throws `FingerprintChanged` if the definition can't go on with this state
 * @throws `NotAllowed` if there is no such table or bucket, or a permission is missing
 * @example
 * ```ts
 * import { count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
 * import { readState } from 'kinesis-sluice/state';
 * import * as z from 'zod';
 *
 * const Flight = z.object({ date: z.string(), origin: z.string() });
 * const departures = pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ departures: count() })
 *   .writeStream(kinesis({ streamName: 'departures' }));
 *
 * const state = await readState({ pipeline: departures, tableName: 'flights-checkpoints' });
 * for await (const { key, start, values } of state.rows({ key: 'ORD' })) console.log(key, start, values);
 * for await (const { change, key } of state.changesSince(state.batchId - 1)) console.log(change, key);
 * ```
 */
export async function readState<Input, Row>(options: ReadStateOptions<Input, Row>): Promise<State> {
  checkOptions(options);
  const { pipeline, tableName, bucketName, batchId, region } = options;
  const definition = typeof pipeline === 'string' ? undefined : requirePipeline(pipeline);
  const { dynamodb = createDynamodbClient({ region, endpointUrl: undefined, requestTimeoutMs }) } = options;
  const storage = openStorage({
    table: new Table(dynamodb, tableName, systemClock),
    bucket:
      bucketName === undefined ? undefined : createBucket(bucketName, { client: s3Of(options), clock: systemClock }),
    pipeline: typeof pipeline === 'string' ? pipeline : definition!.name,
    clock: systemClock,
    newId: randomUUID,
  });
  const reader = createStateReader(storage, definition);
  return new StateTable(reader, await reader.at(batchId));
}

/** Nobody's function ends over it. */
const requestTimeoutMs = 10_000;

const s3Of = ({ s3, region }: Pick<ReadStateOptions, 's3' | 'region'>): S3Client =>
  s3 ?? createBucketClient({ region, endpointUrl: s3EndpointOf(process.env), requestTimeoutMs });

/** @throws SluiceError InvalidInput, naming all that is wrong */
function checkOptions<Input, Row>(options: ReadStateOptions<Input, Row>): void {
  const { pipeline, tableName, bucketName, batchId } = options;
  const problems = [
    ...(pipeline === '' || pipeline === undefined ? ['pipeline: it is missing; use the definition, or its name'] : []),
    ...(isName(tableName) ? [] : [`tableName: ${String(tableName)} is not allowed; use the name of the table`]),
    ...(bucketName === undefined || isName(bucketName)
      ? []
      : [`bucketName: ${String(bucketName)} is not allowed; use the name of the bucket`]),
    ...(batchId === undefined || (Number.isSafeInteger(batchId) && batchId >= 0)
      ? []
      : [`batchId: ${String(batchId)} is not allowed; use a whole number from 0 on`]),
  ];
  if (problems.length > 0) throw new SluiceError('InvalidInput', problems.join('; '));
}

const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
