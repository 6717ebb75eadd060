/** What clients of all services are made of. */
import { NodeHttpHandler } from '@smithy/node-http-handler';

export type ClientSettings = {
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
};

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
