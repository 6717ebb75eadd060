import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { isThrottling, Throttled } from '../aws-errors.ts';
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
  leaveThrottlingToReaders(client);
  return client;
}

const readCalls = new Set(['GetRecordsCommand', 'GetShardIteratorCommand']);

/** Who reads a shard counts what is refused, and knows how much time there is: the SDK would repeat it unseen. */
export function leaveThrottlingToReaders(client: KinesisClient): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (readCalls.has(context.commandName ?? '') && isThrottling(error))
          throw new Throttled((error as Error).message);
        throw error;
      }
    },
    // Inside the SDK's repeats, which are this step's first.
    { step: 'finalizeRequest', priority: 'low', name: 'sluiceThrottling' },
  );
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
