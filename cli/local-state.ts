/** The table of checkpoints that a command reads: of a server, or with `--state` the data of a run that is over, by a server of its own. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { createRequestHandler } from '../functions/adapters/aws-client.ts';
import type { Table } from '../functions/adapters/dynamodb/table.ts';
import { createBucket } from '../functions/adapters/s3/bucket.ts';
import { s3EndpointOf } from '../functions/adapters/s3/endpoint-of.ts';
import { rememberServerDate } from '../functions/adapters/server-date.ts';
import type { Bucket } from '../functions/ports/bucket.ts';
import { systemClock } from '../functions/steps/runtime.ts';
import { LocalProblem } from '../local/local-problem.ts';
import { startEmbeddedDynamodb } from '../local/services/embedded-dynamodb.ts';
import { createFolderBucket } from '../local/services/folder-bucket.ts';
import { occupyStateDirectory } from '../local/session/state-directory.ts';
import type { Flags } from './flags.ts';
import { textOf } from './option-values.ts';
import { clientSettings, openTable, requestTimeoutMs } from './table-access.ts';

export async function withTable(
  options: Flags,
  read: (table: Table, bucket: Bucket | undefined) => Promise<void>,
): Promise<void> {
  const stateDirectory = textOf(options, 'state');
  if (stateDirectory === undefined) return read(openTable(options), bucketOf(options));
  const data = path.join(stateDirectory, 'dynamodb');
  if (!existsSync(data)) throw new LocalProblem('usage', `--state ${stateDirectory}: no run has kept its state there`);
  const release = occupyStateDirectory(stateDirectory);
  try {
    const server = await startEmbeddedDynamodb({ stateDirectory: data });
    try {
      const bucket = createFolderBucket(path.join(stateDirectory, 'bucket'));
      await read(openTable({ ...options, endpointUrl: server.endpoint }), bucket);
    } finally {
      await server.stop();
    }
  } finally {
    release();
  }
}

/** Where large values lie, if it is named. */
export function bucketOf(options: Flags): Bucket | undefined {
  const name = textOf(options, 'stateBucket');
  return name === undefined ? undefined : createBucket(name, { client: bucketClient(options), clock: systemClock });
}

/** Its server is AWS, or that of AWS_ENDPOINT_URL_S3. */
export function bucketClient(options: Flags): S3Client {
  const endpointUrl = s3EndpointOf(process.env);
  // A server that is not S3 has no names of hosts for its buckets.
  const forcePathStyle = endpointUrl !== undefined;
  const settings = { ...clientSettings({ ...options, endpointUrl }), forcePathStyle };
  const client = new S3Client({ requestHandler: createRequestHandler(requestTimeoutMs), ...settings });
  rememberServerDate(client);
  return client;
}
