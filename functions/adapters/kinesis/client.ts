import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import type { SubscribeToShardSettings } from '../../pipeline/pipeline.ts';
import { rememberServerDate } from './server-time.ts';

export type ClientSettings = {
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
};

/** An answer of 10 MiB takes its time. */
const kinesisTimeoutMs = 4_000;

/** Keep-alive over HTTP/1.1: the SDK's default for Kinesis opens a TLS session of its own for every call. */
export function createKinesisClient(settings: ClientSettings): KinesisClient {
  const client = new KinesisClient({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? kinesisTimeoutMs),
    maxAttempts: 3,
    ...clientConfig(settings),
  });
  rememberServerDate(client);
  return client;
}

/**
 * For SubscribeToShard alone. AWS wants HTTP/2 for it, and polling is better off without. It tries once: who reads by it
 * knows how long to pause, and how far it came.
 */
export function createSubscriptionClient(
  settings: ClientSettings,
  httpVersion: SubscribeToShardSettings['httpVersion'],
): KinesisClient {
  const client = new KinesisClient({
    // Their time limits are the reader's: a subscription may be silent for a while.
    requestHandler: speaksHttp2(settings.endpointUrl, httpVersion)
      ? new NodeHttp2Handler()
      : new NodeHttpHandler({ connectionTimeout: 1_000 }),
    maxAttempts: 1,
    ...clientConfig(settings),
  });
  rememberServerDate(client);
  return client;
}

/** Servers without TLS are emulators, which rarely speak it. */
function speaksHttp2(endpointUrl: string | undefined, httpVersion: SubscribeToShardSettings['httpVersion']): boolean {
  if (httpVersion !== 'auto') return httpVersion === '2';
  return endpointUrl?.startsWith('http:') !== true;
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
