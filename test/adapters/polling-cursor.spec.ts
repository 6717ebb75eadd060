/** POLL-1, POLL-2: how a reader of one shard keeps within what Kinesis allows it, and what it does when it is refused. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import { createReadingClient } from '../../functions/adapters/kinesis/reading-client.ts';
import type { Position } from '../../functions/core/position.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { mapped } from '../support/pipelines.ts';
import { failure, fake, manualClock } from './fake-kinesis.ts';

const options = { ...mapped().source, fetchIntervalMs: 0 };
const oldestRetainedBatch = { kind: 'trim-horizon' } as const;
const opened = { ShardIterator: 'i0' };
const record = (sequenceNumber: string, bytes = 2) => ({
  SequenceNumber: sequenceNumber,
  PartitionKey: 'k',
  // Its key is the other byte.
  Data: new Uint8Array(bytes - 1),
  ApproximateArrivalTimestamp: new Date(0),
});
const answer = (records: readonly object[] = [], MillisBehindLatest = 5) => ({
  Records: records,
  NextShardIterator: 'next',
  MillisBehindLatest,
});
const throttled = failure('ProvisionedThroughputExceededException');
const expired = failure('ExpiredIteratorException');

async function cursorOn(answers: readonly unknown[], given: { readonly fetchIntervalMs?: number } = {}) {
  const { client, inputs } = fake(answers);
  const { clock, slept } = manualClock();
  const source = createPollingSource(client, { ...options, ...given }, clock, () => 0.5);
  return { cursor: await source.open('s', oldestRetainedBatch), inputs, slept, clock };
}

/** A server and the product's own client of it: an answer, or the name of an error. */
async function startServer(answerTo: (operation: string) => object | string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1)!;
    asked.push(operation);
    const given = answerTo(operation);
    const body = typeof given === 'string' ? { __type: given, message: 'no' } : given;
    response.writeHead(typeof given === 'string' ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = createReadingClient({
    region: 'us-east-1',
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const stop = (): void => {
    client.destroy();
    server.close();
  };
  return { client, asked, stop };
}

describe('a cursor keeps within the limits of a shard', () => {
  it('and waits between calls as long as it was told to', async () => {
    const { cursor, slept } = await cursorOn([opened, answer(), answer(), answer()], { fetchIntervalMs: 200 });
    for (let call = 0; call < 3; call++) expect(await cursor.next(10)).toMatchObject({ records: [] });
    expect(slept).toEqual([200, 200]);
    expect(cursor.usage).toEqual({ calls: 3, throttles: 0 });
  });

  it('with five calls in a second, whatever it was told: the sixth is left to the next batch', async () => {
    const { cursor, clock } = await cursorOn([opened, ...Array(6).fill(answer())]);
    for (let call = 0; call < 5; call++) expect(await cursor.next(10)).toMatchObject({ records: [] });
    expect(await cursor.next(10)).toBe('deadline');
    await clock.sleep(800);
    expect(await cursor.next(10)).toMatchObject({ records: [] });
    expect(clock.now()).toBe(1_000);
  });

  it('with 2 MB a second: it waits 250 ms, and for no longer', async () => {
    const quarter = 2_097_152 / 4;
    const answers = [opened, answer([record('1', quarter)]), answer([record('2', quarter + 4_096)])];
    const { cursor, slept } = await cursorOn(answers);
    await cursor.next(1);
    await cursor.next(1);
    expect(slept).toEqual([250]);
    expect(await cursor.next(1)).toBe('deadline');
  });

  it('and is free five seconds after an answer of 10 MiB', async () => {
    const { cursor, clock } = await cursorOn([opened, answer([record('1', 10_485_760)]), answer()]);
    await cursor.next(10_000);
    expect(cursor.usage).toEqual({ calls: 1, throttles: 0, readableAt: 5_000 });
    await clock.sleep(4_700);
    expect(await cursor.next(10_000)).toBe('deadline');
    await clock.sleep(50);
    expect(await cursor.next(10_000)).toMatchObject({ records: [] });
    expect(clock.now()).toBe(5_000);
    expect(cursor.usage).toEqual({ calls: 2, throttles: 0 });
  });

  it('and does not ask before an earlier reader has paid off what it read', async () => {
    const { client, inputs } = fake([opened, answer()]);
    const { clock } = manualClock();
    const cursor = await createPollingSource(client, options, clock).open('s', oldestRetainedBatch, {
      until: Number.POSITIVE_INFINITY,
      deadline: Number.POSITIVE_INFINITY,
      consumerArn: null,
      readableAt: 3_000,
    });
    expect(await cursor.next(10)).toBe('throttled');
    expect(cursor.usage).toEqual({ calls: 0, throttles: 0, readableAt: 3_000 });
    await clock.sleep(2_800);
    expect(await cursor.next(10)).toMatchObject({ records: [] });
    expect([clock.now(), inputs.length]).toEqual([3_000, 2]);
  });

  it('and waits for that for up to a second before its first call: the batch was planned for it', async () => {
    const { client } = fake([opened, answer()]);
    const { clock, slept } = manualClock();
    const cursor = await createPollingSource(client, options, clock).open('s', oldestRetainedBatch, {
      until: Number.POSITIVE_INFINITY,
      deadline: Number.POSITIVE_INFINITY,
      consumerArn: null,
      readableAt: 1_001,
    });
    expect(await cursor.next(10)).toBe('throttled');
    await clock.sleep(1);
    expect(await cursor.next(10)).toMatchObject({ records: [] });
    expect(slept).toEqual([1, 1_000]);
  });

  it('over a long stretch without records too, and leaves the rest of it to the next batch', async () => {
    const { cursor, clock } = await cursorOn([opened, ...Array(100).fill(answer([], 3_600_000))], {
      fetchIntervalMs: 200,
    });
    let calls = 0;
    while ((await cursor.next(10)) !== 'deadline') calls += 1;
    expect(calls).toBe(60);
    expect(clock.now()).toBe(59 * 200);
  });
});

describe('a cursor whose call is refused because of the limits', () => {
  it('asks again after a pause by chance, and counts it', async () => {
    const { cursor, slept } = await cursorOn([opened, throttled, throttled, answer([record('7')])]);
    expect(await cursor.next(10, 60_000)).toMatchObject({ records: [{ sequenceNumber: '7' }] });
    expect(slept).toEqual([100, 200]);
    expect(cursor.usage).toEqual({ calls: 3, throttles: 2 });
  });

  it('gives up after five calls, and goes on from the same place', async () => {
    const { cursor, inputs, slept, clock } = await cursorOn([opened, ...Array(5).fill(throttled), answer()]);
    expect(await cursor.next(10, 60_000)).toBe('throttled');
    expect(slept).toEqual([100, 200, 400, 800]);
    await clock.sleep(1_000);
    expect(await cursor.next(10, 60_000)).toMatchObject({ records: [] });
    expect(inputs.at(-1)).toMatchObject({ ShardIterator: 'i0' });
  });

  it('does not pause past the deadline', async () => {
    const { cursor, slept } = await cursorOn([opened, throttled, throttled, answer()]);
    expect(await cursor.next(10, 250)).toBe('throttled');
    expect(slept).toEqual([100]);
  });

  it('opens later if it was refused an iterator', async () => {
    const { cursor, inputs } = await cursorOn([throttled, throttled, opened, answer([record('7')])]);
    expect(await cursor.next(10, 60_000)).toMatchObject({ records: [{ sequenceNumber: '7' }] });
    expect(inputs[2]).toMatchObject({ ShardIteratorType: 'TRIM_HORIZON' });
    expect(cursor.usage).toEqual({ calls: 1, throttles: 2 });
  });

  it('sees each refusal: the client of the SDK does not repeat it unseen', async () => {
    const server = await startServer(() => 'ProvisionedThroughputExceededException');
    const { clock } = manualClock();
    const cursor = await createPollingSource(server.client, options, clock, () => 0).open('s', oldestRetainedBatch);
    expect(await cursor.next(10, 60_000)).toBe('throttled');
    expect(cursor.usage).toEqual({ calls: 0, throttles: 6 });
    expect(server.asked).toEqual(Array(6).fill('GetShardIterator'));
    server.stop();
  });
});

describe('a cursor whose iterator expired', () => {
  it('goes on behind the last record it gave (POLL-2)', async () => {
    const { cursor, inputs } = await cursorOn([
      opened,
      answer([record('7')]),
      expired,
      { ShardIterator: 'i3' },
      answer(),
    ]);
    await cursor.next(10);
    expect(await cursor.next(10)).toMatchObject({ records: [], end: undefined });
    expect(inputs[3]).toMatchObject({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: '7' });
    expect(inputs[4]).toMatchObject({ ShardIterator: 'i3' });
  });

  it('twice in a row, and once more after the next answer, goes on all the same (POLL-2)', async () => {
    const { cursor, inputs } = await cursorOn([
      ...[opened, expired, { ShardIterator: 'i1' }, expired, { ShardIterator: 'i2' }, answer([record('7')])],
      ...[expired, { ShardIterator: 'i3' }, answer([record('8')])],
    ]);
    expect(await cursor.next(10)).toMatchObject({ records: [{ sequenceNumber: '7' }] });
    expect(await cursor.next(10)).toMatchObject({ records: [{ sequenceNumber: '8' }] });
    expect(inputs.map(({ ShardIteratorType }) => ShardIteratorType).filter((type) => type !== undefined)).toEqual([
      'TRIM_HORIZON',
      'TRIM_HORIZON',
      'TRIM_HORIZON',
      'AFTER_SEQUENCE_NUMBER',
    ]);
  });

  it('is told so through the client of the SDK as well, and goes on (B18)', async () => {
    const answers = ['ExpiredIteratorException', { Records: [], NextShardIterator: 'i', MillisBehindLatest: 0 }];
    const server = await startServer((operation) => (operation === 'GetShardIterator' ? opened : answers.shift()!));
    const cursor = await createPollingSource(server.client, options, systemClock).open('s', oldestRetainedBatch);
    expect(await cursor.next(10, Date.now() + 60_000)).toMatchObject({ records: [], millisBehindLatest: 0 });
    expect(server.asked).toEqual(['GetShardIterator', 'GetRecords', 'GetShardIterator', 'GetRecords']);
    server.stop();
  });

  it('and the call for another one is refused, asks for it again', async () => {
    const { cursor } = await cursorOn([opened, expired, throttled, { ShardIterator: 'i1' }, answer([record('7')])]);
    expect(await cursor.next(10)).toMatchObject({ records: [{ sequenceNumber: '7' }] });
    expect(cursor.usage).toEqual({ calls: 2, throttles: 1 });
  });

  it('every time, is an error that names the shard', async () => {
    const { cursor } = await cursorOn([
      opened,
      ...Array(10)
        .fill([expired, { ShardIterator: 'i' }])
        .flat(),
    ]);
    await expect(cursor.next(10)).rejects.toMatchObject({ name: 'TemporaryFailure', message: /read s: 4 iterators/ });
  });
});

it.each<[string, Position, string]>([
  ['InvalidArgumentException', { kind: 'at-timestamp', timestamp: 1 }, 'TemporaryFailure'],
  ['InvalidArgumentException', { kind: 'after-sequence-number', sequenceNumber: '5' }, 'CorruptCheckpoint'],
  ['ResourceNotFoundException', oldestRetainedBatch, 'StreamNotFound'],
  ['AccessDeniedException', oldestRetainedBatch, 'NotAllowed'],
  ['SomethingNew', oldestRetainedBatch, 'TemporaryFailure'],
])('a shard that Kinesis refuses with %s at %j is %s', async (name, position, expected) => {
  const { client: faked } = fake([failure(name)]);
  await expect(createPollingSource(faked, options, systemClock).open('s', position)).rejects.toMatchObject({
    name: expected,
  });
});

it('a call that hangs is given up soon after the deadline', async () => {
  const hanging = (_: unknown, { abortSignal }: { readonly abortSignal: AbortSignal }) =>
    new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)));
  const send = async (command: object, given: never) =>
    command.constructor.name === 'GetShardIteratorCommand' ? opened : hanging(command, given);
  const { clock } = manualClock();
  const source = createPollingSource({ send } as never, options, clock);
  // Two seconds of overtime, and they are over.
  const cursor = await source.open('s', oldestRetainedBatch);
  await expect(cursor.next(10, -2_000)).rejects.toMatchObject({ name: 'TemporaryFailure' });
});
