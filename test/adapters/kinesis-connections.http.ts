/** What the executor's client opens of connections: over TLS a handshake costs more than most calls. */
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { GetRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCertificate } from '../../bench/side-by-side/self-signed.ts';
import { createReadingClient } from '../../functions/adapters/kinesis/reading-client.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { region } from '../support/world.ts';

type Refusal = { readonly status: number; readonly type: string };
type Server = {
  readonly endpointUrl: string;
  readonly handshakes: () => number;
  /** What the next calls are answered with, one each. */
  refuse(...refusals: readonly Refusal[]): void;
  stop(): void;
};

const throttling: Refusal = { status: 400, type: 'ProvisionedThroughputExceededException' };
const failure: Refusal = { status: 500, type: 'InternalFailure' };
const trusted = getCACertificates('default');
const record = { SequenceNumber: '1', PartitionKey: 'k', Data: 'YWJj', ApproximateArrivalTimestamp: 1_772_366_400.5 };
const answer = JSON.stringify({ Records: [record], NextShardIterator: 'next', MillisBehindLatest: 0 });

let server: Server;
let client: KinesisClient;

beforeEach(async () => {
  server = await startServer();
  client = createReadingClient({ region, endpointUrl: server.endpointUrl, credentials: localCredentials });
});

afterEach(() => {
  client.destroy();
  server.stop();
  setDefaultCACertificates(trusted);
});

/** As AWS does, it offers HTTP/2 too, and it closes no connection by itself. */
async function startServer(): Promise<Server> {
  const { key, cert } = createCertificate();
  setDefaultCACertificates([...trusted, cert]);
  let handshakes = 0;
  const refusals: Refusal[] = [];
  const started = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    request.resume().on('end', () => {
      const { status, type } = refusals.shift() ?? { status: 200, type: undefined };
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(type === undefined ? answer : JSON.stringify({ __type: type, message: 'not now' }));
    });
  });
  const sockets = new Set<{ destroy(): void }>();
  started.on('secureConnection', (socket) => {
    handshakes += 1;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => void started.listen(0, '127.0.0.1', resolve));
  return {
    endpointUrl: `https://127.0.0.1:${(started.address() as AddressInfo).port}`,
    handshakes: () => handshakes,
    refuse: (...given) => void refusals.push(...given),
    stop: () => {
      for (const socket of sockets) socket.destroy();
      started.close();
    },
  };
}

const call = async (): Promise<number> => {
  const { Records } = await client.send(new GetRecordsCommand({ ShardIterator: 'i' }));
  return Records!.length;
};

/** What a batch does between two calls: all that is waiting in the loop of events runs, closed connections and timers among it. */
async function pause(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

describe('calls of an executor', () => {
  it('one after the other, with pauses, are all made over one connection', async () => {
    for (let made = 0; made < 50; made++) {
      expect(await call()).toBe(1);
      await pause();
    }
    expect(server.handshakes()).toBe(1);
  });

  it('five side by side, again and again, open five connections in all', async () => {
    await call();
    for (let turn = 0; turn < 10; turn++) {
      expect(await Promise.all(Array.from({ length: 5 }, call))).toEqual([1, 1, 1, 1, 1]);
      await pause();
    }
    expect(server.handshakes()).toBe(5);
  });

  it('keep their connection behind an answer that is a refusal, and behind one that is repeated', async () => {
    for (let turn = 0; turn < 3; turn++) {
      server.refuse(throttling);
      await expect(call()).rejects.toThrow('not now');
      await pause();
      server.refuse(failure);
      expect(await call()).toBe(1);
      await pause();
    }
    expect(server.handshakes()).toBe(1);
  });
});
