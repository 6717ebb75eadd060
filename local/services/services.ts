/** The servers of a local run: one's own, made for the run, or those that the environment names. */

import path from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Bucket } from '../../functions/ports/bucket.ts';
import { LocalProblem } from '../local-problem.ts';
import { type Credentials, dynamodbClient, kinesisClient, localCredentials } from './clients.ts';
import { startEmbeddedDynamodb } from './embedded-dynamodb.ts';
import { startEmbeddedKinesis } from './embedded-kinesis.ts';
import { endpointProblems } from './endpoint-url.ts';
import { createFolderBucket } from './folder-bucket.ts';
import { createMemoryBucket } from './memory-bucket.ts';
import { type ServerWatch, watchServers } from './server-watch.ts';

export type Services = {
  readonly kind: 'embedded' | 'external';
  readonly region: string;
  readonly kinesisEndpoint: string;
  readonly dynamodbEndpoint: string;
  /** Undefined: the SDK's own search. */
  readonly credentials: Credentials | undefined;
  readonly kinesis: KinesisClient;
  /** Tries once: for requests whose repeat does harm. */
  readonly kinesisOnce: KinesisClient;
  readonly dynamodb: DynamoDBClient;
  /** For large values. Undefined: they lie in the table. */
  readonly bucket: Bucket | undefined;
  readonly watch: ServerWatch;
  /** Rejects when a server has ended by itself, or has been silent for too long. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
};

/** Servers of one's own slow down with what they hold. */
const patienceMs: Readonly<Record<Services['kind'], number>> = { external: 30_000, embedded: 60_000 };

export type Patience = { readonly patienceMs?: number; readonly say?: (text: string) => void };

export type Environment = Readonly<Record<string, string | undefined>>;

type Endpoints = { readonly kinesis: string; readonly dynamodb: string };

/** Both or neither: with one of them, events and checkpoints would live in different worlds. */
export function externalEndpoints(environment: Environment): Endpoints | undefined {
  const kinesis = environment.AWS_ENDPOINT_URL_KINESIS || undefined;
  const dynamodb = environment.AWS_ENDPOINT_URL_DYNAMODB || undefined;
  if (kinesis === undefined && dynamodb === undefined) return undefined;
  if (kinesis === undefined || dynamodb === undefined) {
    const absent = kinesis === undefined ? 'AWS_ENDPOINT_URL_KINESIS' : 'AWS_ENDPOINT_URL_DYNAMODB';
    throw new LocalProblem(
      'usage',
      `${absent} is not set although its sibling is: set both to use those servers, or neither.`,
    );
  }
  const problems = endpointProblems(environment);
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
  return { kinesis, dynamodb };
}

export async function openServices(
  environment: Environment,
  stateDirectory: string | undefined,
  patience: Patience = {},
): Promise<Services> {
  const external = externalEndpoints(environment);
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1';
  if (external !== undefined) {
    const hasCredentials = Boolean(environment.AWS_ACCESS_KEY_ID || environment.AWS_PROFILE);
    const credentials = hasCredentials ? undefined : localCredentials;
    return withClients({
      kind: 'external',
      region,
      endpoints: external,
      credentials,
      failed: new Promise(() => {}),
      stop: async () => {},
      patience,
    });
  }
  const [kinesis, dynamodb] = await startBoth(stateDirectory);
  return withClients({
    kind: 'embedded',
    region,
    endpoints: { kinesis: kinesis.endpoint, dynamodb: dynamodb.endpoint },
    credentials: localCredentials,
    bucket:
      stateDirectory === undefined ? createMemoryBucket() : createFolderBucket(path.join(stateDirectory, 'bucket')),
    failed: kinesis.failed,
    async stop() {
      await Promise.all([kinesis.stop(), dynamodb.stop()]);
    },
    patience,
  });
}

async function startBoth(stateDirectory: string | undefined) {
  const directoryOf = (name: string) => (stateDirectory === undefined ? undefined : path.join(stateDirectory, name));
  const dynamodb = await startEmbeddedDynamodb({ stateDirectory: directoryOf('dynamodb') });
  try {
    return [await startEmbeddedKinesis({ stateDirectory: directoryOf('kinesis') }), dynamodb] as const;
  } catch (error) {
    await dynamodb.stop();
    throw error;
  }
}

function withClients(servers: {
  readonly kind: Services['kind'];
  readonly region: string;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials | undefined;
  readonly bucket?: Bucket;
  readonly failed: Promise<never>;
  stop(): Promise<void>;
  readonly patience: Patience;
}): Services {
  const { kind, region, endpoints, credentials, bucket, patience } = servers;
  const places = { Kinesis: endpoints.kinesis, DynamoDB: endpoints.dynamodb };
  const watch = watchServers({ endpoints: places, patienceMs: patienceMs[kind], ...patience });
  const failed = Promise.race([servers.failed, watch.over]);
  // Not everybody asks.
  failed.catch(() => {});
  const kinesisSettings = { region, credentials, endpoint: endpoints.kinesis };
  const clients = {
    kinesis: kinesisClient(kinesisSettings),
    kinesisOnce: kinesisClient({ ...kinesisSettings, maxAttempts: 1 }),
    dynamodb: dynamodbClient({ region, credentials, endpoint: endpoints.dynamodb }),
  };
  watch.standBy(clients.kinesis, 'Kinesis');
  watch.standBy(clients.kinesisOnce, 'Kinesis');
  watch.standBy(clients.dynamodb, 'DynamoDB');
  return {
    kind,
    region,
    watch,
    kinesisEndpoint: endpoints.kinesis,
    dynamodbEndpoint: endpoints.dynamodb,
    credentials,
    bucket,
    ...clients,
    failed,
    async close() {
      watch.close();
      for (const client of Object.values(clients)) client.destroy();
      await servers.stop();
    },
  };
}
