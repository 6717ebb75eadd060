/** Clients of the servers a local run talks to. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

export type ClientSettings = {
  readonly region: string;
  readonly endpoint?: string | undefined;
  /** Absent: the SDK's own search. */
  readonly credentials?: KinesisClientConfig['credentials'];
  /** Tries of the SDK itself. 1 where a repeat is not harmless. */
  readonly maxAttempts?: number;
};

/** For servers that check no signature. */
export const localCredentials: Credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

const connectionTimeout = 3_000;
const requestTimeout = 20_000;

/** HTTP/1.1: the SDK's default for Kinesis is HTTP/2, which local servers do not speak. */
export function kinesisClient(settings: ClientSettings): KinesisClient {
  return new KinesisClient(configuration(settings));
}

export function dynamodbClient(settings: ClientSettings): DynamoDBClient {
  return new DynamoDBClient(configuration(settings));
}

function configuration({ region, endpoint, credentials, maxAttempts = 5 }: ClientSettings) {
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    requestHandler: new NodeHttpHandler({ connectionTimeout, requestTimeout, throwOnRequestTimeout: true }),
    maxAttempts,
  };
}
