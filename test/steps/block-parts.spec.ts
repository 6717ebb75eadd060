/** More keys than fit into an executor's memory: parts of its block, stored while it reads on. */
import { expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { BlockSummary } from '../../functions/core/model.ts';
import type { KinesisRecord } from '../../functions/core/record.ts';
import type { SavedWindow } from '../../functions/core/saved-windows.ts';
import type { BlockStore } from '../../functions/ports/block-store.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { batchBody, decompress, md5, page, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts } from '../support/memory-ports.ts';
import { windowed } from '../support/pipelines.ts';

const pipeline = windowed({ parallelism: 3 });
const log = { info: () => {}, warn: () => {} };
const [batchId, epoch, keys] = [1, 7, 12];

/** Each in a page, and so in a step, of its own. Keys come again and again. */
const events = (count: number, from = 0): KinesisRecord[] =>
  Array.from({ length: count }, (_, at) => record(at + 1, { at: from + at, key: `k${at % keys}`, value: at }));

/** A shard for each list. */
async function runTask(lists: readonly (readonly KinesisRecord[])[], tableBudgetBytes: number, broken?: Broken) {
  const names = lists.map((_, at) => `s${at}`);
  const open = async (shardId: string) => {
    const left = [...lists[names.indexOf(shardId)]!];
    const next = async () => page(left.splice(0, 1), { millisBehindLatest: left.length });
    return { next };
  };
  const memory: Memory = memoryPorts({ open } as never);
  const shards = names.map((name) => planned(name));
  const task = plannedTask(shards, { ref: epoch, batchId, parallelism: 3, fingerprint: pipeline.fingerprint });
  await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
  const blocks = { ...memory.ports.blocks, ...broken?.(memory.ports.blocks) };
  const ports = { ...memory.ports, blocks };
  const runtime = { pipeline, ports, md5, decompress, log, tableBudgetBytes };
  const running = processShards({ run: 'run', epoch, batchId, task: 0, readSeconds: 12 }, runtime);
  return { memory, running, block: () => memory.blocks.get(`${batchId}/${epoch}/0`)?.summary };
}
type Broken = (blocks: BlockStore) => Partial<BlockStore>;

/** How many events the parts of all groups have of each key and window. */
async function countsIn({ ports }: Memory, block: BlockSummary): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const body = batchBody({ batchId, ref: epoch, parallelism: 3, blocks: [block] });
  for (const keyGroup of [0, 1, 2]) {
    for (const { windows } of await ports.blocks.loadPartials(body, keyGroup)) {
      for (const [keyValues, all] of windows) {
        for (const [start, , [events]] of all as readonly SavedWindow[]) {
          const name = `${JSON.stringify(keyValues)} ${start}`;
          counts.set(name, (counts.get(name) ?? 0) + Number(events));
        }
      }
    }
  }
  return counts;
}

const partsOf = ({ groups }: BlockSummary): readonly number[] => [...new Set(groups.map(({ part = 0 }) => part))];
const ample = 1e9;

it('parts that are stored while it reads have together what one table has', async () => {
  const lists = [events(30), events(25, 40)];
  const whole = await runTask(lists, ample);
  await whole.running;
  const parted = await runTask(lists, 1_500);
  await parted.running;
  const [one, several] = [whole.block()!, parted.block()!];
  expect(partsOf(one)).toEqual([0]);
  expect(partsOf(several).length).toBeGreaterThan(4);
  expect(await countsIn(parted.memory, several)).toEqual(await countsIn(whole.memory, one));
  expect(several.counters).toEqual(one.counters);
  const endsOf = ({ groups }: BlockSummary): Set<number> => new Set(groups.flatMap(({ ends }) => ends));
  expect(endsOf(several)).toEqual(endsOf(one));
});

it('no more of it is in memory than it may have, and a step', async () => {
  const sizes: number[] = [];
  const { running, block } = await runTask([events(40)], 2_000, ({ putPart }) => ({
    putPart: async (part, partials) => {
      sizes.push(Array.from(partials.values(), ({ windows }) => [...windows].length).reduce((sum, one) => sum + one));
      return putPart(part, partials);
    },
  }));
  await running;
  expect(sizes.length).toBeGreaterThan(5);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  expect(partsOf(block()!)).toHaveLength(sizes.length + 1);
});

it('a part that can not be stored fails the task, not the shard that came to store it (PARTS-2)', async () => {
  let calls = 0;
  const { running, block } = await runTask([events(30), events(25, 40)], 1_500, ({ putPart }) => ({
    putPart: async (part, partials) => {
      calls += 1;
      if (calls === 2) throw new SluiceError('TemporaryFailure', 'throttled');
      return putPart(part, partials);
    },
  }));
  await expect(running).rejects.toMatchObject({ name: 'TemporaryFailure' });
  expect(block()).toBeUndefined();
  expect(calls).toBe(2);
});

it('parts are stored one after the other, whichever shards come to it (PARTS-1)', async () => {
  let [storing, most] = [0, 0];
  const { running, memory, block } = await runTask([events(20), events(20, 40), events(20, 80)], 1_000, (blocks) => ({
    putPart: async (part, partials) => {
      storing += 1;
      most = Math.max(most, storing);
      await new Promise(setImmediate);
      storing -= 1;
      return blocks.putPart(part, partials);
    },
  }));
  await running;
  expect(most).toBe(1);
  const counted = [...(await countsIn(memory, block()!)).values()].reduce((sum, events) => sum + events, 0);
  expect(counted).toBe(60);
});

it('a task with as many parts as a block has ends its reads there, and the next batch goes on (PARTS-3)', async () => {
  const { running, memory, block } = await runTask([events(100)], 1);
  await running;
  const { shards, counters } = block()!;
  // The last one is empty.
  expect(partsOf(block()!)).toHaveLength(32);
  expect(counters.counted).toBe(32);
  expect(shards[0]).toMatchObject({ records: 32, outcome: { kind: 'deadline', to: { sequenceNumber: '32' } } });
  expect([...(await countsIn(memory, block()!)).values()].reduce((sum, events) => sum + events, 0)).toBe(32);
});
