/**
 * What the source and the sink need of Kinesis, and what they make of it: positions, order, ends and children, listings,
 * refusals. Runs on every service that stands in for Kinesis.
 */
import { randomUUID } from 'node:crypto';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  MergeShardsCommand,
  PutRecordCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKinesisSink } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import { rememberServerDate } from '../../functions/adapters/server-date.ts';
import { isAfter, type Position, trimHorizon } from '../../functions/core/position.ts';
import type { KinesisRecord, Page } from '../../functions/core/record.ts';
import type { ListedShard } from '../../functions/core/shard-checkpoint.ts';
import type { Clock } from '../../functions/ports/clock.ts';
import type { ShardCursor } from '../../functions/ports/source.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { hours, md5, utf8 } from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';
import type { DifferenceName } from './kinesis-differences.ts';

export type ServiceUnderTest = {
  readonly client: KinesisClient;
  /** The time that the service goes by. */
  readonly clock: Clock;
  stop(): Promise<void>;
};

const options = { ...mapped().source, fetchIntervalMs: 0 };
const largestHash = 2n ** 128n - 1n;
const middle = 2n ** 127n;
let service: ServiceUnderTest;
let client: KinesisClient;
let clock: Clock;

/** Declares all tests of the suite but those that `differences` rule out. */
export function kinesisContract(
  start: () => Promise<ServiceUnderTest>,
  differences: readonly DifferenceName[] = [],
): void {
  beforeAll(async () => {
    service = await start();
    ({ client, clock } = service);
    rememberServerDate(client);
  });
  afterAll(() => service.stop());

  describe('the source describes a stream', describeTests);
  describe('the source opens a shard', positionTests);
  describe('the source reads a shard', readTests);
  describe('the source at the end of a shard', endTests);
  describe('the source lists shards', listingTests);
  describe('the source is refused', refusalTests);
  describe.skipIf(differences.includes('numbers that no record has'))('the source with foreign numbers', foreignTests);
  describe.skipIf(differences.includes('time of creation'))('the source of a stream made again', madeAgainTests);
  describe('the sink sends', sinkTests);
}

async function newStream(shards = 1, name = `stream-${randomUUID()}`): Promise<string> {
  await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
  await untilActive(name);
  return name;
}

async function untilActive(StreamName: string): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return;
    await clock.sleep(10);
  }
}

async function remove(StreamName: string): Promise<void> {
  await client.send(new DeleteStreamCommand({ StreamName }));
  const isThere = () =>
    client.send(new DescribeStreamSummaryCommand({ StreamName })).then(
      () => true,
      () => false,
    );
  while (await isThere()) await clock.sleep(10);
}

async function split(StreamName: string, ShardToSplit: string, at: bigint): Promise<void> {
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey: String(at) }));
  await untilActive(StreamName);
}

async function merge(StreamName: string, ShardToMerge: string, AdjacentShardToMerge: string): Promise<void> {
  await client.send(new MergeShardsCommand({ StreamName, ShardToMerge, AdjacentShardToMerge }));
  await untilActive(StreamName);
}

const put = async (StreamName: string, data: string, hash = 0n) =>
  (
    await client.send(
      new PutRecordCommand({ StreamName, PartitionKey: 'k', ExplicitHashKey: String(hash), Data: utf8(data) }),
    )
  ).SequenceNumber!;

const sourceOf = (streamName: string) =>
  createPollingSource(client, { ...options, stream: { kind: 'name', streamName } }, clock);

async function listed(stream: string): Promise<readonly ListedShard[]> {
  const source = sourceOf(stream);
  return source.listShards({ kind: 'all' }, (await source.describe()).stream);
}

const idOf = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`;
const open = (stream: string, shard = 0, position: Position = trimHorizon) =>
  sourceOf(stream).open(idOf(shard), position);

async function pageOf(cursor: ShardCursor, maxRecords = 100): Promise<Page> {
  const page = await cursor.next(maxRecords);
  if (typeof page === 'string') throw new Error(page);
  return page;
}

/** Everything up to the tip or the end. */
async function readAll(cursor: ShardCursor, maxRecords = 1000): Promise<Pick<Page, 'records' | 'end'>> {
  const records: KinesisRecord[] = [];
  for (;;) {
    const page = await pageOf(cursor, maxRecords);
    records.push(...page.records);
    if (page.end !== undefined || (page.records.length === 0 && page.millisBehindLatest === 0))
      return { records, end: page.end };
  }
}

const textsOf = ({ records }: Pick<Page, 'records'>) => records.map(({ data }) => Buffer.from(data).toString());
const textsIn = async (stream: string, shard = 0, position: Position = trimHorizon) =>
  textsOf(await readAll(await open(stream, shard, position)));

function describeTests() {
  it('by its name and by its ARN', async () => {
    const before = clock.now();
    const stream = await newStream();
    const described = await sourceOf(stream).describe();
    expect(described.stream).toEqual({
      arn: expect.stringMatching(new RegExp(`^arn:aws:kinesis:us-east-1:\\d{12}:stream/${stream}$`)),
      name: stream,
      createdAt: expect.any(Number),
      retentionMs: hours(24),
    });
    expect(described.stream.createdAt).toBeGreaterThan(before - 1000);
    expect(described.stream.createdAt).toBeLessThanOrEqual(clock.now());
    const byArn = createPollingSource(
      client,
      { ...options, stream: { kind: 'arn', streamArn: described.stream.arn } },
      clock,
    );
    expect((await byArn.describe()).stream).toEqual(described.stream);
    await put(stream, 'a');
    expect(textsOf(await pageOf(await byArn.open(idOf(0), trimHorizon)))).toEqual(['a']);
  });

  it('with a time that is never ahead of Kinesis, and behind it by a few seconds at most', async () => {
    const source = sourceOf(await newStream());
    const before = clock.now();
    const { serverTime } = await source.describe();
    expect(serverTime).toBeLessThanOrEqual(clock.now());
    expect(serverTime).toBeGreaterThan(before - 3000);
    const page = await pageOf(await source.open(idOf(0), trimHorizon));
    expect(page.serverTime).toBeGreaterThanOrEqual(serverTime);
    expect(page.serverTime).toBeLessThanOrEqual(clock.now());
  });
}

function positionTests() {
  let stream: string;
  const numbers: string[] = [];
  const arrivals: number[] = [];
  const after = (record: number) => ({ kind: 'after-sequence-number', sequenceNumber: numbers[record]! }) as const;
  const at = (timestamp: number) => ({ kind: 'at-timestamp', timestamp }) as const;
  beforeAll(async () => {
    stream = await newStream();
    for (const text of ['one', 'two', 'three']) {
      numbers.push(await put(stream, text));
      await clock.sleep(20);
    }
    const { records } = await readAll(await open(stream));
    arrivals.push(...records.map(({ arrivalMs }) => arrivalMs));
  });

  it.each<[string, () => Position, readonly string[]]>([
    ['its beginning', () => trimHorizon, ['one', 'two', 'three']],
    ['its beginning, whatever was read', () => ({ ...trimHorizon, after: numbers[1]! }), ['one', 'two', 'three']],
    ['a time before all', () => at(arrivals[0]! - 5), ['one', 'two', 'three']],
    ['a time between two', () => at(arrivals[1]! - 5), ['two', 'three']],
    [
      'a time between two, whatever was read',
      () => ({ ...at(arrivals[1]! - 5), after: numbers[1]! }),
      ['two', 'three'],
    ],
    ['the time of a record', () => at(arrivals[1]!), ['two', 'three']],
    ['a time after all', () => at(arrivals[2]! + 5), []],
    ['what follows the first', () => after(0), ['two', 'three']],
    ['what follows the last', () => after(2), []],
    ['the middle of a record', () => ({ ...after(1), subSequenceNumber: 3 }), ['two', 'three']],
    ['the middle of the last', () => ({ ...after(2), subSequenceNumber: 0 }), ['three']],
  ])('at %s', async (_, position, expected) => {
    expect(await textsIn(stream, 0, position())).toEqual(expected);
  });

  it('and goes on there with what comes later', async () => {
    const watched = await newStream();
    const number = await put(watched, 'one');
    await clock.sleep(20);
    const cursors = await Promise.all(
      [trimHorizon, at(clock.now() - 5), { kind: 'after-sequence-number', sequenceNumber: number } as const].map(
        (position) => open(watched, 0, position),
      ),
    );
    const texts = async () => Promise.all(cursors.map(async (cursor) => textsOf(await pageOf(cursor))));
    expect(await texts()).toEqual([['one'], [], []]);
    await put(watched, 'two');
    expect(await texts()).toEqual([['two'], ['two'], ['two']]);
  });
}

function readTests() {
  it('that is empty: no records, no end, nothing behind', async () => {
    const stream = await newStream();
    const cursor = await open(stream);
    for (let count = 0; count < 2; count++)
      expect(await pageOf(cursor)).toMatchObject({ records: [], millisBehindLatest: 0, end: undefined });
    expect(await textsIn(stream, 0, { kind: 'at-timestamp', timestamp: clock.now() - 1000 })).toEqual([]);
  });

  it('and gives records whole: numbers, keys, bytes that are no text, no bytes, times', async () => {
    const stream = await newStream();
    const before = clock.now();
    const datas = [Uint8Array.of(0, 255, 128, 10), new Uint8Array(), utf8('é😀'), new Uint8Array(100_000).fill(7)];
    const sent = [];
    for (const [at, Data] of datas.entries()) {
      const PartitionKey = `é-${at}`;
      const answer = await client.send(new PutRecordCommand({ StreamName: stream, PartitionKey, Data }));
      sent.push({ sequenceNumber: answer.SequenceNumber, partitionKey: PartitionKey, data: [...Data] });
    }
    const { records } = await readAll(await open(stream));
    expect(records.map(({ arrivalMs: _, data, ...rest }) => ({ ...rest, data: [...data] }))).toEqual(sent);
    for (const { arrivalMs } of records) {
      expect(arrivalMs).toBeGreaterThanOrEqual(before);
      expect(arrivalMs).toBeLessThanOrEqual(clock.now());
    }
  });

  it('in its order, page by page, with numbers that grow', async () => {
    const stream = await newStream();
    const texts = Array.from({ length: 25 }, (_, index) => `${index}`);
    for (const text of texts) await put(stream, text);
    const cursor = await open(stream);
    const pages = [await pageOf(cursor, 10), await pageOf(cursor, 10), await pageOf(cursor, 10)];
    expect(pages.map(textsOf)).toEqual([texts.slice(0, 10), texts.slice(10, 20), texts.slice(20)]);
    expect(pages.map(({ millisBehindLatest }) => millisBehindLatest > 0)).toEqual([true, true, false]);
    expect(pages.map(({ end }) => end)).toEqual([undefined, undefined, undefined]);
    const numbers = pages.flatMap(({ records }) => records.map(({ sequenceNumber }) => sequenceNumber));
    expect(numbers.slice(1).every((number, at) => isAfter(number, numbers[at]!))).toBe(true);
  });
}

function endTests() {
  const rangesOf = (shards: readonly ListedShard[]) =>
    shards.map(({ shardId, parents, hashRange }) => [shardId, parents, hashRange.start, hashRange.end]);

  it('that was split names both children, which have what came later', async () => {
    const stream = await newStream();
    const number = await put(stream, 'before');
    const early = await open(stream);
    expect(await pageOf(early)).toMatchObject({ end: undefined });
    await split(stream, idOf(0), middle);
    await put(stream, 'low');
    await put(stream, 'high', largestHash);

    const { records, end } = await readAll(await open(stream));
    expect(textsOf({ records })).toEqual(['before']);
    expect(rangesOf(end!.children)).toEqual([
      [idOf(1), [idOf(0)], '0', String(middle - 1n)],
      [idOf(2), [idOf(0)], String(middle), String(largestHash)],
    ]);
    expect(await pageOf(early)).toMatchObject({ records: [], end });
    expect((await listed(stream)).slice(1)).toMatchObject(end!.children);
    for (const [shard, text] of [
      [1, 'low'],
      [2, 'high'],
    ] as const) {
      const child = await readAll(await open(stream, shard));
      expect([textsOf(child), child.end]).toEqual([[text], undefined]);
      expect(isAfter(child.records[0]!.sequenceNumber, number)).toBe(true);
    }
  });

  it('that was merged names the child with two parents, and so does its neighbour', async () => {
    const stream = await newStream();
    await split(stream, idOf(0), middle);
    const numbers = [await put(stream, 'low'), await put(stream, 'high', largestHash)];
    await merge(stream, idOf(1), idOf(2));
    await put(stream, 'low again');
    await put(stream, 'high again', largestHash);

    const [low, high] = [await readAll(await open(stream, 1)), await readAll(await open(stream, 2))];
    expect([textsOf(low), textsOf(high)]).toEqual([['low'], ['high']]);
    expect(rangesOf(low.end!.children)).toEqual([[idOf(3), [idOf(1), idOf(2)], '0', String(largestHash)]]);
    expect(high.end).toEqual(low.end);
    expect((await listed(stream)).slice(3)).toMatchObject(low.end!.children);
    const child = await readAll(await open(stream, 3));
    expect([textsOf(child), child.end]).toEqual([['low again', 'high again'], undefined]);
    for (const number of numbers) expect(isAfter(child.records[0]!.sequenceNumber, number)).toBe(true);
  });

  it('has come with the last record or right behind it, and never before', async () => {
    const stream = await newStream();
    const texts = ['a', 'b', 'c', 'd', 'e'];
    for (const text of texts) await put(stream, text);
    await split(stream, idOf(0), middle);
    const cursor = await open(stream);
    const read: string[] = [];
    let page = await pageOf(cursor, 2);
    for (;;) {
      read.push(...textsOf(page));
      if (page.end !== undefined) break;
      expect(page.records).toHaveLength(2);
      page = await pageOf(cursor, 2);
    }
    expect(read).toEqual(texts);
  });

  it('is there at once for who comes late', async () => {
    const stream = await newStream();
    const number = await put(stream, 'a');
    await split(stream, idOf(0), middle);
    await clock.sleep(20);
    const late: readonly Position[] = [
      { kind: 'after-sequence-number', sequenceNumber: number },
      { kind: 'at-timestamp', timestamp: clock.now() - 5 },
    ];
    for (const position of late) {
      const page = await pageOf(await open(stream, 0, position));
      expect([textsOf(page), page.end?.children.map(({ shardId }) => shardId)]).toEqual([[], [idOf(1), idOf(2)]]);
    }
  });

  it('keeps the order of each key from parents to children', async () => {
    const stream = await newStream();
    const keys = Array.from({ length: 8 }, (_, index) => `key-${index}`);
    const putRound = async (round: number) => {
      for (const PartitionKey of keys)
        await client.send(
          new PutRecordCommand({ StreamName: stream, PartitionKey, Data: utf8(`${PartitionKey} ${round}`) }),
        );
    };
    await putRound(0);
    await split(stream, idOf(0), middle);
    await putRound(1);
    await split(stream, idOf(1), middle / 2n);
    await putRound(2);
    await merge(stream, idOf(4), idOf(2));
    await putRound(3);
    // Children have higher numbers than their parents: this is an order in which parents come first.
    const all = [];
    for (const { shardId } of await listed(stream)) {
      const { records } = await readAll(await sourceOf(stream).open(shardId, trimHorizon));
      all.push(...textsOf({ records }));
    }
    for (const key of keys)
      expect(all.filter((text) => text.startsWith(`${key} `))).toEqual([0, 1, 2, 3].map((round) => `${key} ${round}`));
    expect(all).toHaveLength(4 * keys.length);
  });
}

function listingTests() {
  it('of a stream with more of them than Kinesis gives at once', async () => {
    const shards = await listed(await newStream(250));
    expect(shards.map(({ shardId }) => shardId)).toEqual(Array.from({ length: 250 }, (_, shard) => idOf(shard)));
    const ranges = shards.map(({ hashRange }) => [BigInt(hashRange.start), BigInt(hashRange.end)] as const);
    expect([ranges[0]![0], ranges.at(-1)![1]]).toEqual([0n, largestHash]);
    expect(ranges.slice(1).every(([start], at) => start === ranges[at]![1] + 1n)).toBe(true);
    expect(shards.every(({ parents }) => parents.length === 0)).toBe(true);
  });

  it('closed ones with the open ones, or those that were open at a time', async () => {
    const stream = await newStream();
    const source = sourceOf(stream);
    const { stream: identity } = await source.describe();
    // To the second: some services look no closer.
    await clock.sleep(1100);
    const whole = clock.now();
    await clock.sleep(1100);
    await split(stream, idOf(0), middle);
    await clock.sleep(1100);
    const halves = clock.now();
    const openAt = async (timestamp: number) =>
      (await source.listShards({ kind: 'open-at', timestamp }, identity)).map(({ shardId }) => shardId);
    expect(await openAt(whole)).toEqual([idOf(0)]);
    expect(await openAt(halves)).toEqual([idOf(1), idOf(2)]);
    expect((await listed(stream)).map(({ shardId, parents }) => [shardId, parents])).toEqual([
      [idOf(0), []],
      [idOf(1), [idOf(0)]],
      [idOf(2), [idOf(0)]],
    ]);
  });
}

function refusalTests() {
  const identity = { arn: '', name: 'absent', createdAt: 0, retentionMs: hours(24) };

  it('a stream that is not there: StreamNotFound', async () => {
    const absent = sourceOf('absent');
    for (const call of [
      absent.describe(),
      absent.listShards({ kind: 'all' }, identity),
      absent.open(idOf(0), trimHorizon),
    ])
      await expect(call).rejects.toMatchObject({ name: 'StreamNotFound' });
  });

  it('a shard that is not there: StreamNotFound', async () => {
    await expect(open(await newStream(), 7)).rejects.toMatchObject({ name: 'StreamNotFound' });
  });

  it('a stream that is deleted while it is read: StreamNotFound', async () => {
    const stream = await newStream();
    const cursor = await open(stream);
    await pageOf(cursor);
    await remove(stream);
    await expect(cursor.next(1)).rejects.toMatchObject({ name: 'StreamNotFound' });
  });

  it('a time ahead of the clock of Kinesis: TemporaryFailure, since it will be good', async () => {
    const stream = await newStream();
    await put(stream, 'a');
    await expect(open(stream, 0, { kind: 'at-timestamp', timestamp: clock.now() + 60_000 })).rejects.toMatchObject({
      name: 'TemporaryFailure',
    });
  });

  it('what is no sequence number: CorruptCheckpoint', async () => {
    const stream = await newStream();
    await put(stream, 'a');
    for (const subSequenceNumber of [undefined, 0]) {
      const position = { kind: 'after-sequence-number', sequenceNumber: 'letters' } as const;
      const given = subSequenceNumber === undefined ? position : { ...position, subSequenceNumber };
      await expect(open(stream, 0, given)).rejects.toMatchObject({ name: 'CorruptCheckpoint' });
    }
  });
}

function foreignTests() {
  const isCorrupt = async (stream: string, shard: number, sequenceNumber: string) => {
    for (const more of [{}, { subSequenceNumber: 0 }]) {
      const position = { kind: 'after-sequence-number', sequenceNumber, ...more } as const;
      await expect(open(stream, shard, position)).rejects.toMatchObject({ name: 'CorruptCheckpoint' });
    }
  };

  it('of another shard: CorruptCheckpoint', async () => {
    const stream = await newStream(2);
    await isCorrupt(stream, 1, await put(stream, 'a'));
  });

  it('of another stream: CorruptCheckpoint', async () => {
    const stream = await newStream();
    await put(stream, 'a');
    await isCorrupt(stream, 0, await put(await newStream(), 'b'));
  });

  it('of a stream that had its name: CorruptCheckpoint', async () => {
    const stream = await newStream();
    const number = await put(stream, 'a');
    await remove(stream);
    await newStream(1, stream);
    await isCorrupt(stream, 0, number);
  });
}

function madeAgainTests() {
  it('is told so when it lists the shards of the former', async () => {
    const stream = await newStream();
    const source = sourceOf(stream);
    const { stream: former } = await source.describe();
    expect(await source.listShards({ kind: 'all' }, former)).toHaveLength(1);
    await remove(stream);
    await clock.sleep(1100);
    await newStream(1, stream);
    await expect(source.listShards({ kind: 'all' }, former)).rejects.toMatchObject({ name: 'StreamNotFound' });
  });
}

function sinkTests() {
  const output = (partitionKey: string, data: string | Uint8Array, explicitHashKey?: bigint): OutputRecord => ({
    partitionKey,
    explicitHashKey: explicitHashKey === undefined ? undefined : String(explicitHashKey),
    data,
  });
  const send = (streamName: string, records: readonly OutputRecord[]) =>
    createKinesisSink(client, { kind: 'name', streamName }, clock).send(records, clock.now() + 60_000);
  const hashOf = (key: string) => BigInt(`0x${Buffer.from(md5(utf8(key))).toString('hex')}`);

  it('everything once, to the shard of its key, in its order', async () => {
    const stream = await newStream(4);
    const records = Array.from({ length: 1200 }, (_, at) => output(`key-${at % 40}`, `${at}`));
    await send(stream, records);
    const shards = await listed(stream);
    for (const [shard, { hashRange }] of shards.entries()) {
      const isHere = ({ partitionKey }: OutputRecord) =>
        BigInt(hashRange.start) <= hashOf(partitionKey) && hashOf(partitionKey) <= BigInt(hashRange.end);
      const expected = records.filter(isHere);
      expect(expected.length).toBeGreaterThan(0);
      const { records: found } = await readAll(await open(stream, shard));
      expect(found.map(({ partitionKey, data }) => [partitionKey, Buffer.from(data).toString()])).toEqual(
        expected.map(({ partitionKey, data }) => [partitionKey, data]),
      );
    }
  });

  it('by explicit hash keys where they are given', async () => {
    const stream = await newStream();
    await split(stream, idOf(0), 1000n);
    await send(stream, [
      output('a', 'low', 0n),
      output('a', 'high', largestHash),
      output('a', 'last of low', 999n),
      output('a', 'first of high', 1000n),
    ]);
    expect([await textsIn(stream, 1), await textsIn(stream, 2)]).toEqual([
      ['low', 'last of low'],
      ['high', 'first of high'],
    ]);
  });

  it('text, bytes that are no text, and no bytes at all', async () => {
    const stream = await newStream();
    await send(stream, [
      output('é', 'é😀'),
      output('k', Uint8Array.of(255, 0, 128)),
      output('k', new Uint8Array()),
      output('k', ''),
    ]);
    const { records } = await readAll(await open(stream));
    expect(records.map(({ partitionKey, data }) => [partitionKey, [...data]])).toEqual([
      ['é', [...utf8('é😀')]],
      ['k', [255, 0, 128]],
      ['k', []],
      ['k', []],
    ]);
  });

  it('all of what is more than a shard takes in a second, still in order', async () => {
    const stream = await newStream();
    const texts = Array.from({ length: 2100 }, (_, at) => `${at}`);
    await send(
      stream,
      texts.map((text) => output('k', text)),
    );
    expect(await textsIn(stream)).toEqual(texts);
  });

  it('over a split to where the keys belong then', async () => {
    const stream = await newStream();
    const records = [output('a', 'low', 0n), output('a', 'high', largestHash)];
    await send(stream, records);
    await split(stream, idOf(0), middle);
    await send(stream, records);
    const found = [await textsIn(stream, 0), await textsIn(stream, 1), await textsIn(stream, 2)];
    expect(found).toEqual([['low', 'high'], ['low'], ['high']]);
  });

  it('nothing if there is nothing', async () => {
    const stream = await newStream();
    await send(stream, []);
    expect(await textsIn(stream)).toEqual([]);
  });

  it('nowhere if the stream is not there: NotAllowed', async () => {
    expect(await send('absent', [output('k', 'a')])).toMatchObject({ places: [0], error: { name: 'NotAllowed' } });
  });
}
