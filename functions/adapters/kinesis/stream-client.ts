/** For steps that ask about a stream and its shards: what reads and writes records is not loaded with it. */
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { type AgentSettings, type ClientSettings, clientConfig, createRequestHandler } from '../aws-client.ts';
import { ofKinesis, useRole } from '../credentials/use-role.ts';
import { rememberServerDate } from '../server-date.ts';

/** With records, too: an answer of 10 MiB takes its time. */
const kinesisTimeoutMs = 4_000;

/** Keep-alive over HTTP/1.1: the SDK's default for Kinesis opens a TLS session of its own for every call. */
export function createStreamClient(settings: ClientSettings, agent?: AgentSettings): KinesisClient {
  const client = new KinesisClient({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? kinesisTimeoutMs, agent),
    maxAttempts: 3,
    ...clientConfig(settings),
  });
  rememberServerDate(client);
  if (settings.role !== undefined) useRole(client, settings.role, ofKinesis);
  return client;
}
