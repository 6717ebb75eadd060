/** PLAN-1, S9, LINEAGE-1 to LINEAGE-5 on the simulated Kinesis: parents first, nothing lost, and listings that fail or come late. */

import { describe, expect, it } from 'vitest';
import { readThroughOf } from '../../functions/core/shard-checkpoint.ts';
import { ServiceError } from '../simulation/services/service-error.ts';
import { released } from '../support/builders.ts';
import {
  count,
  idsPipeline,
  type PositionOptions,
  SimulatedRun,
  SimulatedStream,
  shardId,
  streamName,
} from '../support/simulated-stream.ts';

const caughtUp = { untilCaughtUp: true } as const;
const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
const inOrder = (ids: readonly number[]) => ids.toSorted((one, other) => one - other);
const rarely = { describeShardInterval: '1 day' } as const;
const lists = (stream: SimulatedStream) => stream.calls.filter(({ operation }) => operation === 'ListShards');

/** Whether every event of a shard was written behind all events of its parents. */
function parentsFirst(stream: SimulatedStream, run: SimulatedRun): boolean {
  const places = new Map<string, { first: number; last: number }>();
  for (const [place, row] of run.rows.entries()) {
    const known = places.get(row.shardId);
    places.set(row.shardId, { first: known?.first ?? place, last: place });
  }
  return stream.kinesis
    .truth(streamName)
    .shards.every(({ shardId, parents }) =>
      parents.every((parent) => (places.get(parent)?.last ?? -1) < (places.get(shardId)?.first ?? Infinity)),
    );
}

describe('resharding', () => {
  it('many times over is read in the order of descent, in small batches', async () => {
    const stream = new SimulatedStream();
    for (const key of keys) stream.put(2, key);
    stream.split(0);
    for (const key of keys) stream.put(2, key);
    stream.split(1);
    for (const key of keys) stream.put(2, key);
    stream.merge(4, 2);
    for (const key of keys) stream.put(2, key);
    stream.merge(3, 5);
    for (const key of keys) stream.put(2, key);
    const run = new SimulatedRun(stream);
    await run.execute(idsPipeline({ maxFetchRecordsPerShard: 3 }), caughtUp);
    expect(inOrder(run.ids)).toEqual(count(60));
    expect(parentsFirst(stream, run)).toBe(true);
  });

  it('is found at the end of a shard, without a listing', async () => {
    const stream = new SimulatedStream({ shards: 2 });
    const run = new SimulatedRun(stream);
    for (const key of keys) stream.put(1, key);
    await run.execute(idsPipeline(rarely), caughtUp);
    stream.pass(10_000);
    const before = lists(stream).length;
    stream.split(0);
    for (const key of keys) stream.put(1, key);
    stream.split(1);
    for (const key of keys) stream.put(1, key);
    await run.execute(idsPipeline(rarely), caughtUp);
    expect(inOrder(run.ids)).toEqual(count(18));
    expect(parentsFirst(stream, run)).toBe(true);
    expect(lists(stream).length).toBe(before);
  });

  it('a merge waits for the parent that is read more slowly', async () => {
    const stream = new SimulatedStream({ shards: 2 });
    for (const key of keys) stream.put(5, key);
    stream.merge(0, 1);
    for (const key of keys) stream.put(1, key);
    // One of the parents can't be read for a while.
    stream.kinesis.quirks.failsReads = (shard) => shard === 1 && run.memory.sent.length < 14;
    const run = new SimulatedRun(stream);
    await run.execute(idsPipeline({ maxFetchRecordsPerShard: 4 }), caughtUp).catch(() => {});
    stream.kinesis.quirks.failsReads = () => false;
    run.memory.head = released(run.memory.head!);
    await run.execute(idsPipeline({ maxFetchRecordsPerShard: 4 }), caughtUp);
    expect(inOrder(run.ids)).toEqual(count(36));
    expect(parentsFirst(stream, run)).toBe(true);
  });

  it('whose parents retention took, while nothing ran, does not wait for them: the gap is told', async () => {
    const hour = 3_600_000;
    const stream = new SimulatedStream({ retentionMs: 24 * hour });
    const run = new SimulatedRun(stream);
    const [, lastRead] = stream.put(2);
    await run.execute(idsPipeline(), caughtUp);
    const read = await run.committed();
    stream.put(3);
    stream.split(0);
    stream.pass(30 * hour);
    for (const key of keys) stream.put(1, key);
    await run.execute(idsPipeline(), caughtUp);
    expect(inOrder(run.ids)).toEqual([0, 1, ...count(11, 5)]);
    const [loss, ...more] = (await run.bodies()).flatMap(({ dataLoss }) => dataLoss);
    expect(more.map((other) => other.shardId)).not.toContain(shardId(0));
    expect(loss).toEqual({
      source: 'main',
      shardId: shardId(0),
      lastRead,
      readThrough: readThroughOf(read.shards[0]!),
      firstAvailable: null,
    });
    const strict = new SimulatedRun(stream);
    await strict.execute(idsPipeline({ failOnDataLoss: true }), caughtUp);
    expect(inOrder(strict.ids)).toEqual(count(11, 5));
  });
});

describe('retention', () => {
  const hour = 3_600_000;
  const gone = async (source: PositionOptions, putAfter: number) => {
    const stream = new SimulatedStream({ retentionMs: 24 * hour });
    const run = new SimulatedRun(stream);
    stream.put(2);
    await run.execute(idsPipeline(source), caughtUp);
    stream.pass(hour);
    const lost = stream.put(3);
    stream.pass(20 * hour);
    stream.put(putAfter);
    stream.pass(10 * hour);
    return { stream, run, lost };
  };

  it('that took unread records is told: the last one read, up to when, and the first that is left', async () => {
    const { stream, run } = await gone({}, 2);
    const { shards } = await run.committed();
    await run.execute(idsPipeline(), caughtUp);
    expect(run.ids).toEqual([0, 1, 5, 6]);
    const { records } = stream.kinesis.truth(streamName).shard(shardId(0));
    expect((await run.bodies()).flatMap(({ dataLoss }) => dataLoss)).toEqual([
      {
        source: 'main',
        shardId: shardId(0),
        lastRead: records[1]!.sequenceNumber,
        readThrough: readThroughOf(shards[0]!),
        firstAvailable: { sequenceNumber: records[5]!.sequenceNumber, arrivalTime: records[5]!.arrivalTime },
      },
    ]);
  });

  it('that took unread records stops a pipeline that fails on loss before it reads, and goes on once it may', async () => {
    const { stream, run } = await gone({ failOnDataLoss: true }, 2);
    const before = stream.calls.length;
    await expect(run.execute(idsPipeline({ failOnDataLoss: true }), caughtUp)).rejects.toMatchObject({
      name: 'DataLoss',
      message: expect.stringContaining(`has passed over ${shardId(0)} (read through 2026-03-01T12:00:`),
    });
    expect(stream.calls.slice(before).some(({ operation }) => operation === 'GetRecords')).toBe(false);
    run.memory.head = released(run.memory.head!);
    await run.execute(idsPipeline(), caughtUp);
    expect(run.ids).toEqual([0, 1, 5, 6]);
  });

  it.each([0, 1])('that was made longer while nothing ran still took what it took (%i failed runs)', async (failed) => {
    const { stream, run } = await gone({}, 2);
    stream.kinesis.execute('IncreaseStreamRetentionPeriod', { StreamName: streamName, RetentionPeriodHours: 168 });
    const readThrough = readThroughOf((await run.committed()).shards[0]!);
    if (failed > 0) {
      // The plan has seen the retention as it is now, and nothing was read.
      stream.beforeCall = (operation) => {
        if (operation === 'GetShardIterator') throw new ServiceError('ResourceNotFoundException', 'not there');
      };
      let plans = 0;
      await run.execute(idsPipeline(), {}, () => plans++ > 0);
      stream.beforeCall = () => {};
      run.memory.head = released(run.memory.head!);
    }
    await run.execute(idsPipeline(), caughtUp);
    expect(run.ids).toEqual([0, 1, 5, 6]);
    expect((await run.bodies()).flatMap(({ dataLoss }) => dataLoss)).toMatchObject([{ readThrough }]);
    stream.put(1);
    await run.execute(idsPipeline({ failOnDataLoss: true }), caughtUp);
    expect(run.ids).toEqual([0, 1, 5, 6, 7]);
  });

  it('that was made longer in time has taken nothing', async () => {
    const stream = new SimulatedStream({ retentionMs: 24 * hour });
    const run = new SimulatedRun(stream);
    stream.put(2);
    await run.execute(idsPipeline(), caughtUp);
    stream.put(3);
    stream.pass(hour);
    stream.kinesis.execute('IncreaseStreamRetentionPeriod', { StreamName: streamName, RetentionPeriodHours: 168 });
    stream.pass(30 * hour);
    await run.execute(idsPipeline(), caughtUp);
    expect(run.ids).toEqual(count(5));
    expect((await run.bodies()).flatMap(({ dataLoss }) => dataLoss)).toEqual([]);
  });

  it('says nothing of a shard that was only idle, for days, while it was looked at', async () => {
    const stream = new SimulatedStream({ shards: 2, retentionMs: 24 * hour });
    const run = new SimulatedRun(stream);
    for (const key of keys) stream.put(1, key);
    for (let round = 0; round < 20; round++) {
      await run.execute(idsPipeline({ failOnDataLoss: true }), caughtUp);
      stream.pass(5 * hour);
    }
    for (const key of keys) stream.put(1, key);
    await run.execute(idsPipeline({ failOnDataLoss: true }), caughtUp);
    expect(inOrder(run.ids)).toEqual(count(12));
    expect((await run.bodies()).flatMap(({ dataLoss }) => dataLoss)).toEqual([]);
  });
});

describe('a listing', () => {
  it('of more shards than one page holds is taken whole', async () => {
    const stream = new SimulatedStream({ shards: 1_203 });
    const run = new SimulatedRun(stream);
    await run.execute(idsPipeline(), {}, () => lists(stream).length > 1);
    expect(lists(stream).map(({ input }) => input.NextToken !== undefined)).toEqual([false, true]);
    expect((await run.committed()).shards).toHaveLength(1_203);
  });

  it.each([
    ['LimitExceededException', 1],
    ['ExpiredNextTokenException', 2],
    ['ResourceInUseException', 1],
  ])('that is refused with %s is made anew by the next try, and nothing was planned', async (name, page) => {
    const stream = new SimulatedStream({ shards: 3 });
    stream.kinesis.quirks.pageShards = 2;
    const run = new SimulatedRun(stream);
    for (const key of keys) stream.put(1, key);
    let pages = 0;
    stream.beforeCall = (operation) => {
      if (operation === 'ListShards' && ++pages === page) throw new ServiceError(name, 'not now');
    };
    await expect(run.execute(idsPipeline(), caughtUp)).rejects.toMatchObject({ name: 'TemporaryFailure' });
    expect(run.ids).toEqual([]);
    run.memory.head = released(run.memory.head!);
    await run.execute(idsPipeline(), caughtUp);
    expect(inOrder(run.ids)).toEqual(count(6));
  });

  it('is made at most once in its interval, however short the batches', async () => {
    const stream = new SimulatedStream();
    stream.put(50);
    const run = new SimulatedRun(stream);
    const source = { maxFetchRecordsPerShard: 1, getRecords: { numberOfRecordsPerFetch: 1 } } as const;
    await run.execute(idsPipeline({ ...source, describeShardInterval: '10 seconds' }), caughtUp);
    const times = lists(stream).map(({ at }) => at);
    expect((await run.bodies()).length).toBeGreaterThan(45);
    for (const [index, time] of times.slice(1).entries()) expect(time - times[index]!).toBeGreaterThanOrEqual(9_000);
  });
});
