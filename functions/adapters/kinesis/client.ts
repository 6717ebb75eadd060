import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { RoleCredentials } from '../credentials/assumed-role.ts';
import { rememberServerDate } from './server-time.ts';
import { useRole } from './use-role.ts';

export type ClientSettings = {
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
};

export type KinesisClientSettings = ClientSettings & {
  /** Instead of `credentials`. */
  readonly role?: RoleCredentials | undefined;
};

/** An answer of 10 MiB takes its time. */
const kinesisTimeoutMs = 4_000;

/** Keep-alive over HTTP/1.1: the SDK's default for Kinesis opens a TLS session of its own for every call. */
export function createKinesisClient({ role, ...settings }: KinesisClientSettings): KinesisClient {
  const client = new KinesisClient({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? kinesisTimeoutMs),
    maxAttempts: 3,
    ...clientConfig(settings),
    ...(role === undefined ? {} : { credentials: role.provider }),
  });
  rememberServerDate(client);
  if (role !== undefined) useRole(client, role);
  return client;
}

/** Well under the timeouts of the functions: a call that hangs must leave time for its repeats. */
export const createRequestHandler = (requestTimeoutMs: number): NodeHttpHandler =>
  new NodeHttpHandler({ connectionTimeout: 1_000, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true });

export function clientConfig({ region, endpointUrl, credentials }: ClientSettings) {
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}
