/** The client of who puts records. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { ClientSettings } from '../aws-client.ts';
import { encodeRequests } from './encoded-requests.ts';
import { createStreamClient } from './stream-client.ts';
import { scanPutRecords } from './taken-results.ts';

export function createWritingClient(settings: ClientSettings): KinesisClient {
  const client = createStreamClient(settings);
  scanPutRecords(client);
  encodeRequests(client);
  return client;
}
