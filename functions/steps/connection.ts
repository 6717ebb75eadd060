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
import type { KinesisClientSettings } from '../adapters/kinesis/client.ts';
import type { AwsPlace } from '../adapters/open-sinks.ts';
import type { StepLife } from '../adapters/step-life.ts';
import type { KinesisSource } from '../pipeline/pipeline.ts';
import type { Clock } from '../ports/clock.ts';
import { systemClock } from './system-clock.ts';

export type ConnectionSettings = {
  readonly table: string;
  readonly region?: string | undefined;
  readonly kinesisEndpoint?: string | undefined;
  readonly dynamodbEndpoint?: string | undefined;
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
  kinesisAt(place: KinesisPlace): KinesisClientSettings;
  /** Of another table than the pipeline's own. */
  dynamodbClientAt(place: AwsPlace): DynamoDBClient;
  /** Of a client of any other service. */
  settingsAt(place: AwsPlace): ClientSettings;
};

/** `createRoleKeeper`: who assumes the roles of streams. */
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
  const roleOf = createRoleKeeper({ ownCredentials: credentials, clock, requestTimeoutMs });
  const clockOf = (life: Life): Clock => life?.clockOf(clock) ?? clock;
  return {
    region,
    clockOf,
    storageOf(life) {
      const own = clockOf(life);
      const table = new Table(life?.clientOf(dynamodb, 'DynamoDB') ?? dynamodb, settings.table, own);
      return openStorage({ table, pipeline, clock: own, newId: randomUUID });
    },
    dynamodbClientAt(place) {
      if (place.region === undefined && place.endpointUrl === undefined) return dynamodb;
      const endpointUrl = place.endpointUrl ?? settings.dynamodbEndpoint;
      const client = createDynamodbClient({
        ...{ region: place.region ?? region, endpointUrl, credentials, requestTimeoutMs },
      });
      settings.observe?.(client, 'DynamoDB');
      return client;
    },
    settingsAt: (place) => ({ region: place.region ?? region, endpointUrl: place.endpointUrl, credentials }),
    kinesisAt(place) {
      const streamRegion = place.region ?? region;
      return {
        region: streamRegion,
        endpointUrl: place.endpointUrl ?? settings.kinesisEndpoint,
        credentials,
        requestTimeoutMs,
        role: place.role && roleOf(withSessionName(place.role, pipeline), streamRegion),
      };
    },
  };
}

/** A client whose requests end with the step. */
export const kinesisOf = (client: KinesisClient, life: Life): KinesisClient =>
  life?.clientOf(client, 'Kinesis') ?? client;
