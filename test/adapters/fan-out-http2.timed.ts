/** Enhanced fan-out over HTTP/2, as AWS has it: a server of our own, since no emulator speaks it. */
import type { ServerHttp2Stream } from 'node:http2';
import { describe, expect, it } from 'vitest';
import type { TakeRoom } from '../../functions/adapters/kinesis/event-room.ts';
import { createFanOutSource } from '../../functions/adapters/kinesis/fan-out-source.ts';
import { createSubscriptionClient } from '../../functions/adapters/kinesis/reading-client.ts';
import { ByteBudget } from '../../functions/concurrency/byte-budget.ts';
import type { Page } from '../../functions/core/record.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { type Frame, startHttp2Kinesis } from '../support/http2-kinesis.ts';
import { region } from '../support/world.ts';

const consumerArn = 'arn:aws:kinesis:us-east-1:123456789012:stream/source/consumer/test:1';

const event = (sequenceNumber: number, behind: number, bytes = 3): Frame => ({
  kind: 'event',
  type: 'SubscribeToShardEvent',
  payload: {
    Records: [
      {
        SequenceNumber: String(sequenceNumber),
        PartitionKey: 'k',
        Data: Buffer.alloc(bytes, 'a').toString('base64'),
        ApproximateArrivalTimestamp: 1_772_366_400.5,
      },
    ],
    ContinuationSequenceNumber: String(sequenceNumber),
    MillisBehindLatest: behind,
  },
});

async function reader(
  onSubscribe: (stream: ServerHttp2Stream, send: (frame: Frame) => void) => void,
  deadline = Date.now() + 12_000,
  takeRoom?: TakeRoom,
) {
  const server = await startHttp2Kinesis(onSubscribe);
  const client = createSubscriptionClient({ endpointUrl: server.endpoint, region, credentials: localCredentials }, '2');
  const source = createFanOutSource({
    polling: {} as never,
    client,
    consumer: undefined as never,
    clock: systemClock,
  });
  const reading = { until: deadline, deadline, consumerArn, ...(takeRoom === undefined ? {} : { takeRoom }) };
  const open = (shardId: string) => source.open(shardId, { kind: 'trim-horizon' }, reading);
  return {
    open,
    cursor: await open('s'),
    server,
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}

describe('over HTTP/2', () => {
  it('events come as pages, with the time of the server, and the connection ends with the read', async () => {
    const { cursor, server, stop } = await reader((_, send) => {
      send(event(1, 5));
      send(event(2, 0));
    });
    const first = await cursor.next(10);
    expect(first).toMatchObject({
      records: [{ sequenceNumber: '1', data: new Uint8Array([97, 97, 97]), arrivalMs: 1_772_366_400_500 }],
      millisBehindLatest: 5,
    });
    expect(Math.abs(Date.now() - 1_000 - (first as { serverTime: number }).serverTime)).toBeLessThan(5_000);
    expect(await cursor.next(10)).toMatchObject({ records: [{ sequenceNumber: '2' }], millisBehindLatest: 0 });
    expect(server.connections()).toBe(1);
    cursor.close!();
    await expect.poll(server.connections).toBe(0);
    await stop();
  });

  it('an exception in mid-stream ends the read, with what came before, and leaves no connection', async () => {
    const { cursor, server, stop } = await reader((_, send) => {
      send(event(1, 5));
      send({ kind: 'exception', type: 'InternalFailureException', message: 'oops' });
    });
    expect(await cursor.next(10)).toMatchObject({ records: [{ sequenceNumber: '1' }] });
    expect(await cursor.next(10)).toBe('deadline');
    await expect.poll(server.connections).toBe(0);
    await stop();
  });

  it.each([
    ['KMSAccessDeniedException', 'NotAllowed'],
    ['ResourceNotFoundException', 'StreamNotFound'],
  ])('%s in mid-stream is %s', async (type, name) => {
    const { cursor, stop } = await reader((_, send) => send({ kind: 'exception', type, message: 'no' }));
    await expect(cursor.next(10)).rejects.toMatchObject({ name });
    await stop();
  });

  it.each([
    ['nothing at all', []],
    ['nothing more', [event(1, 5)]],
  ])('a server that sends %s is left in time, without a connection', async (_, frames) => {
    // Its first event may take four seconds more than a deadline that has passed.
    const deadline = frames.length === 0 ? Date.now() - 3_700 : Date.now() + 300;
    const { cursor, server, stop } = await reader((_stream, send) => frames.forEach(send), deadline);
    if (frames.length === 0) await expect(cursor.next(10)).rejects.toMatchObject({ name: 'TemporaryFailure' });
    else {
      await cursor.next(10);
      expect(await cursor.next(10)).toBe('deadline');
    }
    expect(server.connections()).toBe(1);
    cursor.close!();
    await expect.poll(server.connections).toBe(0);
    await stop();
  });

  it('a connection that breaks ends the read', async () => {
    const { cursor, stop } = await reader((stream, send) => {
      send(event(1, 5));
      setImmediate(() => stream.session?.destroy());
    });
    await expect(cursor.next(10).then(() => cursor.next(10))).resolves.toBe('deadline');
    await stop();
  });
});

describe('events of megabytes', () => {
  const mebibyte = 1_048_576;
  const large = event(1, 5, 3 * mebibyte);

  it('are in memory only as far as there is room: the others stay in their connections, and come later', async () => {
    const budget = new ByteBudget(10 * mebibyte);
    const { open, stop } = await reader(
      (_, send) => send(large),
      undefined,
      (bytes) => budget.take(bytes),
    );
    const cursors = await Promise.all(Array.from({ length: 8 }, (_, at) => open(`shard-${at}`)));
    const done: Page[] = [];
    let inHand = 0;
    let most = 0;
    const reads = cursors.map(async (cursor) => {
      const page = (await cursor.next(10)) as Page;
      inHand += 1;
      most = Math.max(most, inHand);
      expect(budget.held).toBeLessThanOrEqual(10 * mebibyte);
      // As long as the page is worked on, its bytes are held.
      await new Promise((resolve) => setTimeout(resolve, 50));
      inHand -= 1;
      cursor.close!();
      done.push(page);
    });
    await Promise.all(reads);
    expect(done.map(({ records }) => records[0]!.data.length)).toEqual(Array(8).fill(3 * mebibyte));
    // As text an event is a third longer than its data, which is what remains of it.
    expect(most).toBeGreaterThanOrEqual(2);
    expect(most).toBeLessThanOrEqual(3);
    expect(budget.held).toBe(0);
    await stop();
  });

  it('for which no room comes free in time are read another time, and nothing is held for them', async () => {
    const budget = new ByteBudget(4 * mebibyte);
    const other = await budget.take(4 * mebibyte);
    const { cursor, server, stop } = await reader(
      (_, send) => send(large),
      Date.now() + 500,
      (bytes) => budget.take(bytes),
    );
    expect(await cursor.next(10)).toBe('deadline');
    cursor.close!();
    await expect.poll(server.connections).toBe(0);
    other.release();
    await expect.poll(() => budget.held).toBe(0);
    await stop();
  });
});

describe('the protocol', () => {
  const protocolOf = (endpointUrl: string | undefined, httpVersion: 'auto' | '1.1' | '2') => {
    const client = createSubscriptionClient({ endpointUrl, region }, httpVersion);
    const { metadata } = client.config.requestHandler;
    client.destroy();
    return metadata?.handlerProtocol;
  };

  it.each([
    [undefined, 'auto', 'h2'],
    ['https://vpce-1.kinesis.us-east-1.vpce.amazonaws.com', 'auto', 'h2'],
    ['http://127.0.0.1:4567', 'auto', 'http/1.1'],
    ['http://127.0.0.1:4567', '2', 'h2'],
    [undefined, '1.1', 'http/1.1'],
  ] as const)('at %s with %s is %s', (endpoint, httpVersion, expected) => {
    expect(protocolOf(endpoint, httpVersion)).toBe(expected);
  });
});
