import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { rememberServerDate } from './server-time.ts';

export type ClientSettings = {
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
};

/** Keep-alive over HTTP/1.1: the SDK's default for Kinesis opens a TLS session of its own for every call. */
export function createKinesisClient(settings: ClientSettings): KinesisClient {
  const client = new KinesisClient({
    requestHandler: createRequestHandler(),
    maxAttempts: 4,
    ...clientConfig(settings),
  });
  rememberServerDate(client);
  return client;
}

export const createRequestHandler = (): NodeHttpHandler =>
  new NodeHttpHandler({ connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true });

export function clientConfig({ region, endpointUrl, credentials }: ClientSettings) {
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}
