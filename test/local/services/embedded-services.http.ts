import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListStreamsCommand, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { afterEach, describe, expect, test } from 'vitest';
import { isAlive } from '../../../local/process-alive.ts';
import { ensureTable } from '../../../local/services/checkpoint-table.ts';
import { dynamodbClient, kinesisClient, localCredentials } from '../../../local/services/clients.ts';
import { startEmbeddedDynamodb } from '../../../local/services/embedded-dynamodb.ts';
import { startEmbeddedKinesis } from '../../../local/services/embedded-kinesis.ts';
import { readStream } from '../../../local/services/stream-reader.ts';
import { createStream, openShards } from '../../../local/services/streams.ts';
import { collect } from '../publish/collect.ts';

const settings = { region: 'us-east-1', credentials: localCredentials };
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Addresses of this machine that others could reach. */
function outerAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  );
}

function canConnect(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1_000 }, () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
    socket.once('timeout', () => resolve(socket.destroy() === undefined));
  });
}

async function startKinesis(stateDirectory?: string) {
  const server = await startEmbeddedKinesis({ stateDirectory });
  const client = kinesisClient({ ...settings, endpoint: server.endpoint });
  cleanUps.push(async () => {
    client.destroy();
    await server.stop();
  });
  return { server, client };
}

describe('the embedded Kinesis server', () => {
  test('listens on this machine only', async () => {
    const { server } = await startKinesis();
    const port = Number(new URL(server.endpoint).port);
    expect(await canConnect(port, '127.0.0.1')).toBe(true);
    for (const address of outerAddresses()) expect(await canConnect(port, address)).toBe(false);
  });

  test('has a stream with the shards asked for as soon as it is created, and creates it once', async () => {
    const { client } = await startKinesis();
    await createStream(client, 'orders', 3);
    await createStream(client, 'orders', 5);
    expect((await openShards(client, { StreamName: 'orders' })).length).toBe(3);
  });

  test('keeps its streams and their records in a directory', async () => {
    const directory = temporaryDirectory();
    const first = await startKinesis(directory);
    await createStream(first.client, 'orders', 1);
    const data = Buffer.from('one');
    await first.client.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'a', Data: data }));
    first.client.destroy();
    await first.server.stop();

    const { client } = await startKinesis(directory);
    const records = (await collect(readStream(client, { StreamName: 'orders' }))).flat();
    expect(records.map((record) => Buffer.from(record.data).toString())).toEqual(['one']);
  });

  test('outlives a killed parent just long enough to write what was acknowledged', async () => {
    const directory = temporaryDirectory();
    const parent = spawn(process.execPath, [new URL('./killed-parent.ts', import.meta.url).pathname, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    await once(parent, 'exit');
    const { pid, sequenceNumber } = JSON.parse(line.toString()) as { pid: number; sequenceNumber: string };

    const { client } = await startKinesis(directory);
    expect(isAlive(pid)).toBe(false);
    const records = (await collect(readStream(client, { StreamName: 'orders' }))).flat();
    expect(records.map((record) => record.sequenceNumber)).toEqual([sequenceNumber]);
  });

  test('refuses a state whose server was killed before it could write', async () => {
    const directory = temporaryDirectory();
    const { server, client } = await startKinesis(directory);
    await client.send(new ListStreamsCommand({}));
    process.kill(server.pid, 'SIGKILL');
    await expect(server.failed).rejects.toThrow('ended');
    await expect(startEmbeddedKinesis({ stateDirectory: directory })).rejects.toThrow('Delete it and start again');
  });
});

describe('the embedded DynamoDB server', () => {
  test('listens on this machine only, and keeps its tables in a directory', async () => {
    const stateDirectory = temporaryDirectory();
    const first = await startEmbeddedDynamodb({ stateDirectory });
    const port = Number(new URL(first.endpoint).port);
    for (const address of outerAddresses()) expect(await canConnect(port, address)).toBe(false);
    const client = dynamodbClient({ ...settings, endpoint: first.endpoint });
    await ensureTable(client, 'sluice');
    await ensureTable(client, 'sluice');
    client.destroy();
    await first.stop();

    const second = await startEmbeddedDynamodb({ stateDirectory });
    cleanUps.push(() => second.stop());
    const again = dynamodbClient({ ...settings, endpoint: second.endpoint });
    cleanUps.push(() => again.destroy());
    expect((await again.send(new ListTablesCommand({}))).TableNames).toEqual(['sluice']);
  });
});
