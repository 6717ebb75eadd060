/** Bodies of answers over real connections, of which all reads share a buffer. Each is longer than that buffer, and has its own bytes. */

import * as http from 'node:http';
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import * as https from 'node:https';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as soon } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { GetRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { afterEach, describe, expect, it } from 'vitest';
import { createCertificate } from '../../bench/side-by-side/self-signed.ts';
import { whileCollected } from '../../functions/adapters/kinesis/collect-body.ts';
import { readDirectly, readingAgent } from '../../functions/adapters/kinesis/connection-reads.ts';
import { createReadingClient } from '../../functions/adapters/kinesis/reading-client.ts';
import { recordsIn } from '../../functions/adapters/kinesis/scanned-answers.ts';

const bodyLength = 480_000;
/** Of calls with these numbers: no two stretches of them are alike. */
const bodies = Array.from({ length: 5 }, (_, call) =>
  Buffer.from(Array.from({ length: bodyLength / 12 }, (_, at) => `${call}.${at}`.padEnd(12, '-')).join('')),
);
const bodyOf = (call: number): Buffer => bodies[call]!;
const withLength = (call: number, response: ServerResponse): void => {
  const body = bodyOf(call);
  response.writeHead(200, { 'content-length': body.length }).end(body);
};

type Reply = (call: number, response: ServerResponse) => void;
const certificate = createCertificate();
const opened: { close(): void }[] = [];

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

type Ask = (options?: RequestOptions) => Promise<IncomingMessage>;

/** Calls have numbers, in the order in which they come. */
async function serve(protocol: 'http' | 'https', reply: Reply): Promise<{ readonly ask: Ask; readonly url: string }> {
  let calls = 0;
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    void request.resume().on('end', () => reply(calls++, response));
  const server: Server = protocol === 'http' ? createPlainServer(answer) : createTlsServer({ ...certificate }, answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const settings = { keepAlive: true, ...readingAgent };
  const agent = protocol === 'http' ? new http.Agent(settings) : new https.Agent({ ...settings, ca: certificate.cert });
  opened.push({ close: () => agent.destroy() }, server);
  const url = `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { request } = protocol === 'http' ? http : https;
  const ask: Ask = (options) =>
    new Promise((resolve, reject) => {
      request(url, { agent, method: 'POST', ...options }, resolve)
        .on('error', reject)
        .end('{}');
    });
  return { ask, url };
}

async function collected(answer: IncomingMessage): Promise<Buffer> {
  let body: Buffer | undefined;
  await whileCollected(answer, Number(answer.headers['content-length']), ({ pieces }) => {
    body = Buffer.concat(pieces);
  });
  return body!;
}

/** From here on by its stream. */
function bytesToldBy(answer: IncomingMessage): () => number {
  let told = 0;
  const push = answer.push.bind(answer);
  answer.push = (piece: Buffer | null) => {
    told += piece?.length ?? 0;
    return push(piece);
  };
  return () => told;
}

/** As a reader that keeps what it was given. */
function kept(answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    answer.on('data', (piece: Buffer) => pieces.push(piece));
    answer.on('end', () => resolve(Buffer.concat(pieces)));
    answer.on('error', reject);
  });
}

describe.each(['http', 'https'] as const)('over %s', (protocol) => {
  it('answers one after the other are what was sent, over one connection', async () => {
    const { ask } = await serve(protocol, withLength);
    const sockets = new Set<unknown>();
    for (let call = 0; call < 4; call++) {
      const answer = await ask();
      sockets.add(answer.socket);
      const told = bytesToldBy(answer);
      expect((await collected(answer)).equals(bodyOf(call))).toBe(true);
      expect(told()).toBeLessThan(bodyLength / 2);
      // What is over takes its turn.
      await new Promise(setImmediate);
    }
    expect(sockets.size).toBe(1);
  });

  it('answers side by side are each what was sent', async () => {
    const { ask } = await serve(protocol, withLength);
    const read = await Promise.all(bodies.map(async () => collected(await ask())));
    const inOrder = read.sort((one, other) => one.compare(other));
    expect(inOrder.map((body, call) => body.equals(bodyOf(call)))).toEqual(bodies.map(() => true));
  });

  it('most of a body comes directly, and the rest by its stream, in their order', async () => {
    const { ask } = await serve(protocol, withLength);
    const answer = await ask();
    const pieces: Buffer[] = [];
    let direct = 0;
    readDirectly(answer, (bytes) => {
      pieces.push(Buffer.from(bytes));
      direct += bytes.length;
      return true;
    });
    answer.on('data', (piece: Buffer) => pieces.push(piece));
    await new Promise((resolve) => answer.once('end', resolve));
    expect(Buffer.concat(pieces).equals(bodyOf(0))).toBe(true);
    expect(direct).toBeGreaterThan(bodyLength / 2);
    expect(answer.complete).toBe(true);
  });

  it('who keeps pieces keeps what was sent', async () => {
    const { ask } = await serve(protocol, withLength);
    for (let call = 0; call < 2; call++) expect((await kept(await ask())).equals(bodyOf(call))).toBe(true);
  });

  it('who is slow gets what was sent', async () => {
    const { ask } = await serve(protocol, withLength);
    const answer = await ask();
    const slow: Buffer[] = [];
    for await (const piece of answer) {
      slow.push(piece as Buffer);
      await new Promise(setImmediate);
    }
    expect(Buffer.concat(slow).equals(bodyOf(0))).toBe(true);
    // Its connection is as good as before.
    expect((await collected(await ask())).equals(bodyOf(1))).toBe(true);
  });

  it('of two that listen to a body each gets it', async () => {
    const { ask } = await serve(protocol, withLength);
    const answer = await ask();
    const [one, two] = await Promise.all([kept(answer), collected(answer)]);
    expect(one.equals(bodyOf(0))).toBe(true);
    expect(two.equals(bodyOf(0))).toBe(true);
  });

  it('a body whose length nobody told is what was sent', async () => {
    const { ask } = await serve(protocol, (call, response) => {
      const body = bodyOf(call);
      for (let at = 0; at < body.length; at += 50_000) response.write(body.subarray(at, at + 50_000));
      response.end();
    });
    for (let call = 0; call < 2; call++) expect((await collected(await ask())).equals(bodyOf(call))).toBe(true);
  });

  it('chunks that have a length beside them are what was sent, where a parser lets them pass', async () => {
    const { ask } = await serve(protocol, (call, response) => {
      response.socket!.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bodyLength}\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const body = bodyOf(call);
      for (let at = 0; at < bodyLength; at += 48_000) {
        response.socket!.write(`${(48_000).toString(16)}\r\n`);
        response.socket!.write(body.subarray(at, at + 48_000));
        response.socket!.write('\r\n');
      }
      response.socket!.end('0\r\n\r\n');
    });
    const answer = await ask({ insecureHTTPParser: true });
    expect((await collected(answer)).equals(bodyOf(0))).toBe(true);
  });

  it('an answer that is cut off is told, and the next one is whole', async () => {
    const { ask } = await serve(protocol, (call, response) => {
      if (call > 0) return withLength(call, response);
      response.writeHead(200, { 'content-length': bodyLength });
      response.write(bodyOf(call).subarray(0, 300_000), () => setTimeout(() => response.destroy(), 20));
    });
    await expect(collected(await ask())).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await collected(await ask())).equals(bodyOf(1))).toBe(true);
  });

  it('a parser that is another one than Node has now is left to tell what it reads', async () => {
    const { ask } = await serve(protocol, withLength);
    const answer = await ask();
    const { parser } = answer.socket as unknown as { readonly parser: Record<number, (piece: Buffer) => void> };
    const tell = parser[3]!;
    parser[3] = function otherwise(piece) {
      tell.call(this, piece);
    };
    let direct = 0;
    readDirectly(answer, () => {
      direct += 1;
      return true;
    });
    const body = await kept(answer);
    // Node gives it to others.
    parser[3] = tell;
    expect(body.equals(bodyOf(0))).toBe(true);
    expect(direct).toBe(0);
  });
});

describe('what is read', () => {
  const onread = readingAgent.onread as unknown as {
    readonly buffer: Buffer;
    callback(this: object, length: number): boolean;
  };
  const open = () => {
    const answer = Object.assign(new Readable({ read: () => {} }), { socket: undefined as unknown });
    const connection = Object.assign(new Readable({ read: () => {} }), {
      parser: { incoming: answer as object, 3: function parserOnBody() {} },
    });
    answer.socket = connection;
    const heard: string[] = [];
    connection.on('data', (bytes: Buffer) => heard.push(`connection ${bytes}`));
    answer.on('data', (bytes: Buffer) => heard.push(`answer ${bytes}`));
    const stop = readDirectly(answer as never, (bytes) => heard.push(`directly ${String(bytes)}`) > 0);
    const read = (text: string): boolean => onread.callback.call(connection, onread.buffer.write(text));
    return { answer, connection, heard, read, stop };
  };

  it('is the body of the answer that is asked for, until it is no longer', () => {
    const { heard, read, stop } = open();
    expect(read('one')).toBe(true);
    stop();
    read('two');
    expect(heard).toEqual(['directly one', 'connection one', 'connection two']);
  });

  it('of another answer does not come to this one', () => {
    const { connection, heard, read } = open();
    connection.parser.incoming = {};
    read('one');
    expect(heard).toEqual(['connection one']);
  });

  it('waits for its turn behind what the answer holds back', () => {
    const { answer, heard, read } = open();
    answer.pause();
    answer.push('first');
    answer.resume();
    read('one');
    expect(heard).toEqual(['connection one']);
  });

  it.each(['paused', 'holding back'])('on a connection that is %s is kept for later', async (how) => {
    const { connection, heard, read } = open();
    connection.pause();
    if (how === 'holding back') {
      connection.push('first');
      connection.resume();
    }
    read('one');
    read('two');
    expect(heard).toEqual([]);
    connection.resume();
    await new Promise(setImmediate);
    expect(heard.join()).toMatch(how === 'paused' ? /one.*two/ : /first.*one.*two/);
  });
});

const record = (answer: number, at: number) => ({
  ...{ SequenceNumber: `${1_000_000 + at}`, ApproximateArrivalTimestamp: 1_767_229_200.5 },
  ...{ Data: Buffer.from(`${answer}/${at}/${'x'.repeat(90)}`).toString('base64'), PartitionKey: `k-${at}` },
});

/** One whose records are the SDK's to decode, one that is scanned record by record, and one that is scanned at once. */
type Written = 'with an escape' | 'with a member more' | 'alike';
function pageOf(answer: number, written: Written): string {
  const text = JSON.stringify({ Records: Array.from({ length: 400 }, (_, at) => record(answer, at)) });
  if (written === 'with an escape') return text.replace('k-399', '\\u006b-399');
  return written === 'alike'
    ? text
    : text.replace('"PartitionKey":"k-399"', '"EncryptionType":"KMS","PartitionKey":"k-399"');
}

async function reading(pages: readonly string[]): Promise<KinesisClient> {
  const { url } = await serve('http', (call, response) => {
    response.writeHead(200, { 'content-length': Buffer.byteLength(pages[call]!) }).end(pages[call]);
  });
  const client = createReadingClient({
    ...{ region: 'us-east-1', endpointUrl: url },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  opened.push({ close: () => client.destroy() });
  return client;
}

it('records of an answer, whoever decodes them, are what they were when the next ones have come', async () => {
  const pages = (['with an escape', 'with a member more', 'alike', 'alike'] as const).map((written, at) =>
    pageOf(at, written),
  );
  const client = await reading(pages);
  const answers = [];
  for (const _ of pages) answers.push(await client.send(new GetRecordsCommand({ ShardIterator: 'i' })));
  for (const [answer, page] of answers.entries()) {
    const { records } = recordsIn(page);
    const expected = Array.from({ length: 400 }, (_, at) => record(answer, at));
    expect(records.map(({ data }) => Buffer.from(data).toString('base64'))).toEqual(expected.map(({ Data }) => Data));
    expect(records.map(({ partitionKey }) => partitionKey)).toEqual(expected.map(({ PartitionKey }) => PartitionKey));
  }
});

it.each(['with a member more', 'alike'] as const)('a connection does not hold its first page, %s', async (written) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const client = await reading([pageOf(0, written)]);
  const read = async () => new WeakRef(recordsIn(await client.send(new GetRecordsCommand({ ShardIterator: 'i' }))));
  const page = await read();
  await soon();
  collectGarbage();
  expect(page.deref() === undefined).toBe(true);
});
