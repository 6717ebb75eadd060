/**
 * What goes wrong in the Spark connector (docs/migrating-from-spark.md has the list): each test fails with that
 * behaviour. The real source and the real steps, on the simulated Kinesis.
 */
import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import { trimHorizon } from '../../functions/core/position.ts';
import { bytes, count as countOf, kinesis, perMicroBatch, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { noon, released } from '../support/builders.ts';
import { count, idsPipeline, SimulatedRun, SimulatedStream, shardId, streamName } from '../support/simulated-stream.ts';

const caughtUp = { untilCaughtUp: true } as const;
const inOrder = (ids: readonly number[]) => ids.toSorted((one, other) => one - other);
const keys = ['a', 'b', 'c', 'd', 'e'];

describe('a closed shard', () => {
  it('with unread records is read to its end, whether it closed before the start, between batches or while it is read', async () => {
    const stream = new SimulatedStream();
    const pipeline = idsPipeline({ maxFetchRecordsPerShard: 3, describeShardInterval: '0 seconds' });
    stream.put(10);
    stream.split(0);
    for (const key of keys) stream.put(2, key);
    stream.pass(60_000);
    const run = new SimulatedRun(stream);
    let plans = 0;
    await run.execute(pipeline, caughtUp, () => ++plans > 2);
    run.memory.head = released(run.memory.head!);
    stream.merge(1, 2);
    for (const key of keys) stream.put(1, key);
    await run.execute(pipeline, caughtUp);
    expect(inOrder(run.ids)).toEqual(count(25));
  });

  it('that was read to its end makes no more batches, however often it is listed', async () => {
    const stream = new SimulatedStream();
    stream.put(3);
    stream.split(0);
    const run = new SimulatedRun(stream);
    const pipeline = idsPipeline({ describeShardInterval: '0 seconds' });
    await run.execute(pipeline, caughtUp);
    const committed = run.memory.head!.committed!;
    const lists = () => stream.calls.filter(({ operation }) => operation === 'ListShards').length;
    const before = lists();
    for (let round = 0; round < 5; round++) {
      stream.pass(60_000);
      await run.execute(pipeline, caughtUp);
    }
    expect(lists() - before).toBeGreaterThanOrEqual(5);
    expect(run.memory.head!.committed).toEqual(committed);
    expect(run.ids).toEqual(count(3));
  });
});

describe('a shard in which nothing was found', () => {
  it.each(['LATEST', 'AT_TIMESTAMP', 'TRIM_HORIZON'])(
    'from %s loses nothing that arrives between batches',
    async (start) => {
      const stream = new SimulatedStream();
      stream.pass(5_000);
      const startingPosition = start === 'AT_TIMESTAMP' ? `AT_TIMESTAMP ${new Date(noon).toISOString()}` : start;
      const pipeline = idsPipeline({ startingPosition } as never);
      const run = new SimulatedRun(stream);
      for (let round = 0; round < 6; round++) {
        await run.execute(pipeline, caughtUp);
        stream.put(1);
        // Also longer than the margin by which idle positions stay behind.
        stream.pass(round % 2 === 0 ? 10_000 : 400_000);
      }
      await run.execute(pipeline, caughtUp);
      expect(run.ids).toEqual(count(6));
    },
  );

  it('because the read ended far behind the tip, stays behind it', async () => {
    const stream = new SimulatedStream();
    stream.pass(3_600_000);
    stream.put(5);
    // An answer covers a minute: the first ones are empty.
    stream.kinesis.quirks.stretchMs = 60_000;
    stream.pass(60_000);
    const run = new SimulatedRun(stream);
    await run.execute(idsPipeline({ maxFetchTimePerShard: '1 second' }), caughtUp);
    expect(run.ids).toEqual(count(5));
    expect(run.memory.head!.committed!.batchId).toBeGreaterThan(3);
  });
});

it('a record without a single byte stops no shard: it is a dead letter, and what stands behind it is read', async () => {
  const stream = new SimulatedStream();
  stream.put(2);
  const empty = stream.putBytes(new Uint8Array());
  stream.put(2);
  const run = new SimulatedRun(stream);
  await run.execute(idsPipeline({ maxFetchRecordsPerShard: 1, getRecords: { numberOfRecordsPerFetch: 1 } }), caughtUp);
  expect(run.ids).toEqual(count(4));
  expect(run.memory.deadLetters.map(({ sequenceNumber, reason }) => [sequenceNumber, reason])).toEqual([
    [empty, 'empty-record'],
  ]);
});

it('LATEST, and a reshard while nothing runs: the children are read from their beginning', async () => {
  const stream = new SimulatedStream();
  stream.put(3);
  stream.pass(60_000);
  const run = new SimulatedRun(stream);
  const pipeline = idsPipeline({ startingPosition: 'LATEST' });
  await run.execute(pipeline, caughtUp);
  stream.put(2);
  stream.split(0);
  for (const key of keys) stream.put(1, key);
  stream.pass(3_600_000);
  for (const key of keys) stream.put(1, key);
  await run.execute(pipeline, caughtUp);
  expect(inOrder(run.ids)).toEqual(count(15, 3));
});

describe('a task that is tried again', () => {
  const perBatch = () =>
    requirePipeline(
      pipeline('per-batch')
        .readStream(kinesis({ streamName, startingPosition: 'TRIM_HORIZON' }))
        .decode(bytes())
        .groupBy({ key: (_, meta) => meta.partitionKey })
        .window(perMicroBatch())
        .aggregate({ events: countOf() })
        .writeStream(kinesis({ streamName: 'sink' })),
    );

  it('after it failed behind some rows: the failed try fixes no position', async () => {
    const stream = new SimulatedStream();
    stream.put(2_500);
    const run = new SimulatedRun(stream);
    const pipeline = idsPipeline();
    let sends = 0;
    const { send } = run.memory.ports.sink('main');
    const sink = {
      send: async (...given: Parameters<typeof send>) => {
        if (++sends === 2) throw new SluiceError('TemporaryFailure', 'throttled');
        return send(...given);
      },
    };
    Object.assign(run.memory.ports, { sink: () => sink });
    await run.execute(pipeline, caughtUp);
    expect([...new Set(run.ids)]).toEqual(count(2_500));
    // What was sent twice, if anything, carries its identity and is dropped by the reader.
    expect((await run.bodies()).reduce((sum, body) => sum + body.counters.read, 0)).toBe(2_500);
  });

  it('and finds more than the first try: its batch is the first one stored, and the next begins where that ends', async () => {
    const stream = new SimulatedStream();
    stream.put(4);
    const run = new SimulatedRun(stream);
    const pipeline = perBatch();
    let isSecond = false;
    const { putBlock } = run.memory.ports.blocks;
    // A twin of the executor runs when the first one has stored its block, and finds more.
    run.memory.ports.blocks.putBlock = async (...given) => {
      const stored = await putBlock(...given);
      if (isSecond) return stored;
      isSecond = true;
      stream.put(3);
      await run.again('processShards', { ...given[0], epoch: given[0].ref, readSeconds: 12 });
      return stored;
    };
    await run.execute(pipeline, caughtUp);
    await run.execute(pipeline, caughtUp);
    const bodies = await run.bodies();
    expect(bodies.map(({ counters }) => counters.read)).toEqual([4, 3]);
    const events = run.memory.sent.map(({ data }) => JSON.parse(String(data)).events as number);
    expect(events.reduce((sum, one) => sum + one, 0)).toBe(7);
  });
});

it('two pipelines in one table, and a third that begins beside their saved state, have each its own positions', async () => {
  const stream = new SimulatedStream({ shards: 3 });
  const clock = { now: () => stream.now, sleep: async (ms: number) => stream.pass(ms) };
  const dynamodb = new SimulatedDynamodb({ now: clock.now, random: new Random(1) });
  dynamodb.createTable('table');
  const client = serviceClient<DynamoDBClient>((name, input) => dynamodb.execute(name, input), { date: clock.now });
  const table = new Table(client, 'table', clock);
  const runOf = (name: string) =>
    new SimulatedRun(stream, createStores(openStorage({ table, pipeline: name, clock, newId: randomUUID })));
  const [one, other, third] = [runOf('one'), runOf('other'), runOf('third')];
  for (const key of keys) stream.put(2, key);
  await one.execute(idsPipeline({}, {}, 'one'), caughtUp);
  for (const key of keys) stream.put(2, key);
  await other.execute(idsPipeline({}, {}, 'other'), caughtUp);
  await one.execute(idsPipeline({}, {}, 'one'), caughtUp);
  await third.execute(idsPipeline({}, {}, 'third'), caughtUp);
  for (const run of [one, other, third]) expect(inOrder(run.ids)).toEqual(count(20));
});

describe('calls to an idle stream', () => {
  it('are one GetRecords a shard and batch, and no probe beside it', async () => {
    const stream = new SimulatedStream({ shards: 3 });
    const run = new SimulatedRun(stream);
    let plans = 0;
    await run.execute(idsPipeline(), {}, () => ++plans > 20);
    const reads = stream.calls.filter(({ operation }) => operation === 'GetRecords').length;
    const lastsMs = stream.now - noon;
    expect(reads / 3).toBeLessThanOrEqual(Math.ceil(lastsMs / 10_000) + 1);
  });

  it('keep their distance while answers are empty far behind the tip', async () => {
    const stream = new SimulatedStream();
    stream.callMs = 1;
    stream.pass(3_600_000);
    stream.kinesis.quirks.stretchMs = 60_000;
    const before = stream.now;
    const run = new SimulatedRun(stream);
    await run.execute(idsPipeline(), caughtUp);
    const reads = stream.calls.filter(({ operation }) => operation === 'GetRecords').length;
    expect(reads).toBeGreaterThan(50);
    const batches = run.memory.head!.committed!.batchId + 1;
    expect(stream.now - before).toBeGreaterThanOrEqual((reads - batches - 1) * 200);
  });
});

describe('a stream that was deleted and made again under its name', () => {
  it('is refused: foreign numbers are never taken for its own', async () => {
    const stream = new SimulatedStream();
    stream.put(3);
    const run = new SimulatedRun(stream);
    await run.execute(idsPipeline(), caughtUp);
    stream.kinesis.execute('DeleteStream', { StreamName: streamName });
    stream.pass(60_000);
    stream.kinesis.createStream(streamName, { shards: 1 });
    stream.put(3);
    await expect(run.execute(idsPipeline(), caughtUp)).rejects.toMatchObject({ name: 'StreamRecreated' });
    expect(run.ids).toEqual(count(3));
  });
});

it('an iterator that expires between two answers is replaced behind the last record', async () => {
  const stream = new SimulatedStream();
  const numbers = stream.put(30);
  const cursor = await stream.source(idsPipeline().source).open(shardId(0), trimHorizon);
  const read: string[] = [];
  for (let page = 0; page < 3; page++) {
    const answer = await cursor.next(10);
    if (typeof answer !== 'string') read.push(...answer.records.map(({ sequenceNumber }) => sequenceNumber));
    stream.pass(301_000);
  }
  expect(read).toEqual(numbers);
  expect(stream.calls.filter(({ operation }) => operation === 'GetShardIterator')).toHaveLength(3);
});

it('a record that the sink can not take does not stop the pipeline for ever', async () => {
  const stream = new SimulatedStream();
  stream.put(1);
  const run = new SimulatedRun(stream);
  const tooLarge = requirePipeline(
    pipeline('large')
      .readStream(kinesis({ streamName, startingPosition: 'TRIM_HORIZON' }))
      .decode(bytes())
      .map((event, meta) => ({ filler: 'x'.repeat(meta.sequenceNumber === first ? 1_048_576 : 1), size: event.length }))
      .writeStream(
        kinesis<'sink', { readonly size: number }>({
          streamName: 'sink',
          partitionKey: ({ size }) => (size === 0 ? (null as never) : 'k'),
        }),
      ),
  );
  const first = stream.kinesis.truth(streamName).shard(shardId(0)).records[0]!.sequenceNumber;
  stream.put(1);
  await run.execute(tooLarge, caughtUp);
  expect(run.memory.sent).toHaveLength(1);
  expect(run.memory.deadLetters.map(({ reason }) => reason)).toEqual(['output-too-large']);
});
