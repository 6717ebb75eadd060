/** Time, memory and the limits of Kinesis: what an executor does with many shards, and with those that are slow or busy. */
import { setImmediate as soon } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { PlannedShard } from '../../functions/core/model.ts';
import type { Page } from '../../functions/core/record.ts';
import type { ShardCursor, Source } from '../../functions/ports/source.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { placeAfter } from '../simulation/checks/places.ts';
import { decompress, md5, noon, page, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts } from '../support/memory-ports.ts';
import { mapped } from '../support/pipelines.ts';

const pipeline = mapped();
const log = { info: () => {}, warn: () => {} };
const mebibyte = 1_048_576;
let epoch = 1_000;

function worldOf(open: (shardId: string, memory: () => Memory) => ShardCursor): Memory {
  const source = { open: async (shardId: string) => open(shardId, () => memory) } as unknown as Source;
  const memory: Memory = memoryPorts(source);
  return memory;
}

async function runTask(
  memory: Memory,
  shards: readonly PlannedShard[],
  given: { readonly readBudgetBytes?: number } = {},
) {
  epoch += 1;
  const task = plannedTask(shards, { ref: epoch, fingerprint: pipeline.fingerprint });
  await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
  const runtime = { pipeline, ports: memory.ports, md5, decompress, log, ...given };
  const { outcome } = await processShards({ run: 'run', epoch, batchId: 1, task: 0, readSeconds: 12 }, runtime);
  const block = memory.blocks.get(`1/${epoch}/0`)?.summary;
  const stops = Object.fromEntries((block?.shards ?? []).map(({ shardId, outcome }) => [shardId, outcome.kind]));
  return { outcome, block, stops };
}

const names = (count: number): PlannedShard[] => Array.from({ length: count }, (_, at) => planned(`s${at + 10}`));
const one = (given: Partial<Page> = {}): Page => page([record(7, { id: 1 })], given);

it('pages in memory never exceed the budget, and all shards are read', async () => {
  let open = 0;
  let most = 0;
  const memory = worldOf(() => ({
    next: async () => {
      open += 1;
      most = Math.max(most, open);
      await soon();
      open -= 1;
      return one();
    },
  }));
  const { block } = await runTask(memory, names(60), { readBudgetBytes: 55 * mebibyte });
  expect(block?.shards).toHaveLength(60);
  expect(most).toBe(3);
});

it('a page that turned out small makes room while it is sent on', async () => {
  const sending = Promise.withResolvers<void>();
  const memory = worldOf(() => ({ next: async () => one() }));
  let sent = 0;
  const slowSink = {
    send: async () => {
      sent += 1;
      if (sent === 2) sending.resolve();
      await sending.promise;
      return undefined;
    },
  };
  const ports = { ...memory.ports, sink: () => slowSink };
  const { block } = await runTask({ ...memory, ports }, names(2), { readBudgetBytes: 16 * mebibyte + 1_000 });
  expect(block?.shards).toHaveLength(2);
});

it('a shard that Kinesis throttles is no failure: it stays where it is, and the others go on', async () => {
  const memory = worldOf((shardId) => ({
    usage: shardId === 's10' ? { calls: 5, throttles: 5 } : { calls: 1, throttles: 0 },
    next: async () => (shardId === 's10' ? 'throttled' : one()),
  }));
  const { outcome, block, stops } = await runTask(memory, names(3));
  expect(outcome).toBe('moved');
  expect(stops).toEqual({ s10: 'throttled', s11: 'caught-up', s12: 'caught-up' });
  expect(block?.failedShards).toEqual([]);
  expect(block?.shards[0]).toMatchObject({ records: 0, from: planned('s10').position, calls: 5, throttles: 5 });
  expect(placeAfter(block!.shards[0]!)).toEqual(block!.shards[0]!.from);
  expect(block?.shards[1]).toMatchObject({ calls: 1, throttles: 0, answeredAt: noon });
});

it('with nothing but throttled shards a task is behind, and stores nothing', async () => {
  const memory = worldOf(() => ({ next: async () => 'throttled' }));
  expect(await runTask(memory, names(2))).toMatchObject({ outcome: 'behind', block: undefined });
});

it('a shard that may not be asked at all yet counts as throttled; one that was read first, as a backlog', async () => {
  const readableAts: unknown[] = [];
  const memory = worldOf(() => ({ next: async () => 'throttled' }));
  const { open } = memory.ports.source;
  const noting: Source['open'] = (shardId, position, reading) => {
    readableAts.push(reading?.readableAt);
    return open(shardId, position, reading);
  };
  const ports = { ...memory.ports, source: { ...memory.ports.source, open: noting } };
  const shards = [planned('a', { readableAt: noon + 3_000, isNew: true })];
  expect(await runTask({ ...memory, ports }, shards)).toMatchObject({ stops: { a: 'throttled' } });
  expect(readableAts).toEqual([noon + 3_000]);
  let calls = 0;
  const later = worldOf(() => ({
    usage: { calls: 1, throttles: 0, readableAt: noon + 5_000 },
    next: async () => (calls++ === 0 ? one({ millisBehindLatest: 60_000 }) : 'deadline'),
  }));
  const { block, stops } = await runTask(later, names(1));
  expect(stops).toEqual({ s10: 'deadline' });
  expect(block?.shards[0]?.readableAt).toBe(noon + 5_000);
});

it('what was read before Kinesis throttled the shard counts', async () => {
  let calls = 0;
  const memory = worldOf(() => ({
    next: async () => (calls++ === 0 ? one({ millisBehindLatest: 60_000 }) : 'throttled'),
  }));
  const { block } = await runTask(memory, names(1));
  expect(block?.shards[0]).toMatchObject({
    records: 1,
    outcome: { kind: 'throttled', to: { sequenceNumber: '7' } },
  });
});

it('after the deadline no further shard is begun, and none is asked again', async () => {
  const read: string[] = [];
  const memory = worldOf((shardId, world) => ({
    next: async () => {
      read.push(shardId);
      world().now += 7_000;
      return one({ millisBehindLatest: 1 });
    },
  }));
  const { outcome, stops } = await runTask(memory, names(4), { readBudgetBytes: 16 * mebibyte });
  expect(read).toEqual(['s10', 's11']);
  expect(stops).toEqual({ s10: 'deadline', s11: 'deadline', s12: 'deadline', s13: 'deadline' });
  expect(outcome).toBe('moved');
});

it('one slow shard does not hold up the others', async () => {
  const slow = Promise.withResolvers<Page>();
  const memory = worldOf((shardId) => ({ next: async () => (shardId === 's10' ? slow.promise : one()) }));
  const running = runTask(memory, names(30), { readBudgetBytes: 32 * mebibyte });
  while (memory.sent.length < 29) await soon();
  slow.resolve(one());
  expect((await running).block?.shards).toHaveLength(30);
});

it('the block says how long the executor worked, without the write of the block', async () => {
  const memory = worldOf((_, world) => ({
    next: async () => {
      world().now += 300;
      return one();
    },
  }));
  expect((await runTask(memory, names(2))).block?.workMs).toBe(600);
});
