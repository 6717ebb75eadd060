/** From settings to services: the clients and stores that steps are made of, put together once per function start. */
import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { ClientSettings } from '../adapters/aws-client.ts';
import type { createRoleKeeper as RoleKeeper } from '../adapters/credentials/assumed-role.ts';
import { withSessionName } from '../adapters/credentials/session-name.ts';
import { createDynamodbClient } from '../adapters/dynamodb/client.ts';
import { openStorage, type Storage } from '../adapters/dynamodb/storage.ts';
import { Table } from '../adapters/dynamodb/table.ts';
import type { AwsPlace } from '../adapters/open-sinks.ts';
import { type BucketOfStep, openBucket } from '../adapters/s3/open-bucket.ts';
import type { StepLife } from '../adapters/step-life.ts';
import type { KinesisSource } from '../pipeline/pipeline.ts';
import type { Bucket } from '../ports/bucket.ts';
import type { Clock } from '../ports/clock.ts';
import { systemClock } from './system-clock.ts';

export type ConnectionSettings = {
  readonly table: string;
  readonly region?: string | undefined;
  readonly kinesisEndpoint?: string | undefined;
  readonly dynamodbEndpoint?: string | undefined;
  /** For large values: the name of a bucket, or what stands for one. Undefined: they lie in the table. */
  readonly stateBucket?: string | Bucket | undefined;
  readonly s3Endpoint?: string | undefined;
  readonly credentials?: ClientSettings['credentials'];
  /** For servers slower than AWS. Undefined: what fits into the functions' timeouts. */
  readonly requestTimeoutMs?: number;
  readonly clock?: Clock;
  /** Is given each client once, before its first request. */
  readonly observe?: ((client: KinesisClient | DynamoDBClient, service: 'Kinesis' | 'DynamoDB') => void) | undefined;
};

export type CreateRoleKeeper = typeof RoleKeeper;
export type KinesisPlace = Pick<KinesisSource, 'region' | 'endpointUrl' | 'role'>;
export type Life = StepLife | undefined;

export type Connection = {
  readonly region: string | undefined;
  /** Waits end with the step. */
  clockOf(life: Life): Clock;
  /** Requests end with the step. */
  storageOf(life: Life): Storage;
  kinesisAt(place: KinesisPlace): ClientSettings;
  /** Of another table than the pipeline's own. */
  dynamodbClientAt(place: AwsPlace): DynamoDBClient;
  /** Of a client of any other service. */
  settingsAt(place: AwsPlace): ClientSettings;
};

/** `createRoleKeeper`: who assumes the roles of streams and of sinks. */
export function connect(
  pipeline: string,
  settings: ConnectionSettings,
  createRoleKeeper: CreateRoleKeeper,
): Connection {
  const { region, credentials, requestTimeoutMs, clock = systemClock } = settings;
  const dynamodb = createDynamodbClient({
    region,
    endpointUrl: settings.dynamodbEndpoint,
    credentials,
    requestTimeoutMs,
  });
  settings.observe?.(dynamodb, 'DynamoDB');
  const bucketOf = bucketIn(settings);
  const roleOf = createRoleKeeper({ ownCredentials: credentials, clock, requestTimeoutMs });
  const clockOf = (life: Life): Clock => life?.clockOf(clock) ?? clock;
  const roleAt = ({ role }: AwsPlace, at: string | undefined) => role && roleOf(withSessionName(role, pipeline), at);
  return {
    region,
    clockOf,
    storageOf(life) {
      const own = clockOf(life);
      const table = new Table(life?.clientOf(dynamodb, 'DynamoDB') ?? dynamodb, settings.table, own);
      return openStorage({ table, pipeline, clock: own, newId: randomUUID, bucket: bucketOf?.(own, life) });
    },
    dynamodbClientAt(place) {
      const { region: placeRegion, endpointUrl: placeUrl, role } = place;
      if (placeRegion === undefined && placeUrl === undefined && role === undefined) return dynamodb;
      const endpointUrl = placeUrl ?? settings.dynamodbEndpoint;
      const at = placeRegion ?? region;
      const client = createDynamodbClient({
        ...{ region: at, endpointUrl, credentials, requestTimeoutMs, role: roleAt(place, at) },
      });
      settings.observe?.(client, 'DynamoDB');
      return client;
    },
    settingsAt(place) {
      const at = place.region ?? region;
      return { region: at, endpointUrl: place.endpointUrl, credentials, role: roleAt(place, at) };
    },
    kinesisAt(place) {
      const streamRegion = place.region ?? region;
      return {
        region: streamRegion,
        endpointUrl: place.endpointUrl ?? settings.kinesisEndpoint,
        credentials,
        requestTimeoutMs,
        role: roleAt(place, streamRegion),
      };
    },
  };
}

function bucketIn({ stateBucket, s3Endpoint, ...settings }: ConnectionSettings): BucketOfStep | undefined {
  if (stateBucket === undefined) return undefined;
  if (typeof stateBucket !== 'string') return () => stateBucket;
  const { region, credentials, requestTimeoutMs } = settings;
  return openBucket(stateBucket, { region, endpointUrl: s3Endpoint, credentials, requestTimeoutMs });
}

/** A client whose requests end with the step. */
export const kinesisOf = (client: KinesisClient, life: Life): KinesisClient =>
  life?.clientOf(client, 'Kinesis') ?? client;
