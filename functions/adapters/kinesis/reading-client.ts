/** Clients of who reads shards. */
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import type { SubscribeToShardSettings } from '../../pipeline/pipeline.ts';
import { type ClientSettings, clientConfig } from '../aws-client.ts';
import { isThrottling, Throttled } from '../aws-errors.ts';
import { ofKinesis, useRole } from '../credentials/use-role.ts';
import { rememberServerDate } from '../server-date.ts';
import { readingAgent } from './connection-reads.ts';
import { scanEvents, scanGetRecords } from './scanned-answers.ts';
import { createStreamClient } from './stream-client.ts';

export function createReadingClient(settings: ClientSettings): KinesisClient {
  const client = createStreamClient(settings, readingAgent);
  leaveThrottlingToReaders(client);
  scanGetRecords(client);
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
  if (settings.role !== undefined) useRole(client, settings.role, ofKinesis);
  scanEvents(client);
  return client;
}

/** Servers without TLS are emulators, which rarely speak it. */
function speaksHttp2(endpointUrl: string | undefined, httpVersion: SubscribeToShardSettings['httpVersion']): boolean {
  if (httpVersion !== 'auto') return httpVersion === '2';
  return endpointUrl?.startsWith('http:') !== true;
}
