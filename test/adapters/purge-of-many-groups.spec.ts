/** PROGRESS-1, PROGRESS-2: more partitions than a purge has time for are gone through by several. On the simulated DynamoDB; each query takes time. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { PurgeProgress } from '../../functions/adapters/dynamodb/purge-progress.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { noFates } from '../../functions/core/dead-letter-tally.ts';
import { noManifest } from '../../functions/core/state/manifest.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { batchBody } from '../support/builders.ts';

const [parallelism, batches, queryMs, purgeMs] = [60, 6, 1, 80];
const ref = 7;

async function setUp() {
  const of = { now: Date.UTC(2026, 10, 28), queries: 0 };
  const clock = { now: () => of.now, sleep: async () => {} };
  const dynamodb = new SimulatedDynamodb({ now: clock.now, random: new Random(1) });
  const client = serviceClient<DynamoDBClient>(
    (...asked) => {
      if (asked[0] === 'Query') {
        of.now += queryMs;
        of.queries += 1;
      }
      return dynamodb.execute(asked[0], asked[1]);
    },
    { date: clock.now },
  );
  await ensureTable(client, 'sluice');
  let ids = 0;
  const storage = openStorage({
    ...{ table: new Table(client, 'sluice', clock), pipeline: 'p', clock },
    newId: () => `id-${++ids}`,
  });
  const stores = createStores(storage);
  const putBatch = async (batchId: number): Promise<void> => {
    await stores.seals.putBody(batchBody({ batchId, ref, parallelism }), undefined);
    for (const keyGroup of [0, parallelism - 1]) {
      const name = { batchId, ref, keyGroup };
      const state = { ...name, generation: 1, manifest: noManifest, fates: noFates, outputs: {}, steps: [] };
      const replaces = batchId === 0 ? undefined : { ...name, batchId: batchId - 1 };
      await stores.states.putState(state, { replaces, put: [], dropped: [] });
    }
  };
  for (let batchId = 0; batchId < batches; batchId++) await putBatch(batchId);
  const purge = (from: number, oldestRetainedBatch = batches - 1) =>
    stores.purge({
      ...{ oldestRetainedBatch, from, createdAt: 1, parallelism, tasks: [] },
      deadline: of.now + purgeMs,
    });
  return { of, stores, putBatch, purge };
}

it('comes to the end of all batches, a few partitions at a time, and takes what it would take at once', async () => {
  const { stores, putBatch, purge } = await setUp();
  let from = 0;
  const ends: number[] = [];
  for (let turn = 0; turn < 20 && from < batches - 1; turn++) {
    from = (await purge(from)).purgedBelow;
    ends.push(from);
  }
  expect(from).toBe(batches - 1);
  // It rises with time, and not at the end alone.
  expect(new Set(ends).size).toBeGreaterThan(1);
  for (const keyGroup of [0, parallelism - 1]) {
    expect(await stores.states.findState(keyGroup, batches - 2, ref)).toBeUndefined();
    expect(await stores.states.findState(keyGroup, batches - 1, ref)).toBeDefined();
  }
  // What comes later goes as well.
  await putBatch(batches);
  for (let turn = 0; turn < 5 && from < batches; turn++) from = (await purge(from, batches)).purgedBelow;
  expect(from).toBe(batches);
  expect(await stores.states.findState(0, batches - 1, ref)).toBeUndefined();
});

it('goes on behind the memories that it has looked for, of as many tasks as there are', async () => {
  const { of, stores } = await setUp();
  const put = (task: number) => stores.memories.putMemory({ batchId: 0, ref, task }, { rows: [], events: [] } as never);
  const [named, orphan] = [await put(3), await put(399)];
  await stores.memoryPurge.noteChanges({ batchId: 0, ref }, { named: [named], replaced: [] });
  const clear = () => stores.memoryPurge.clear({ from: 0, upTo: 1, tasks: 400, deadline: of.now + 100 });
  const ends = [];
  for (let turn = 0; turn < 5; turn++) {
    const [before, end] = [of.queries, await clear()];
    ends.push([end, of.queries - before <= 100 + 40]);
  }
  expect(ends).toEqual([0, 0, 0, 1, 1].map((end) => [end, true]));
  expect(await stores.memories.loadMemory(named)).toBeDefined();
  await expect(stores.memories.loadMemory(orphan)).rejects.toThrow();
});

it('is no progress of another layout, or of batches that were purged', () => {
  const progress = new PurgeProgress();
  const layout = { createdAt: 1, parallelism: 400 };
  progress.begin(layout, 3);
  for (const batchId of [3, 4]) progress.cleared(batchId, 7);
  progress.haveStatesUpTo(7, 9);
  progress.begin(layout, 4);
  expect([progress.isCleared(3, 7), progress.isCleared(4, 7), progress.isCleared(4, 8)]).toEqual([false, true, false]);
  expect([progress.statesUpTo(7), progress.statesUpTo(8)]).toEqual([9, 0]);
  for (const changed of [{ createdAt: 2 }, { givenUp: [{ batchId: 5, ref: 1 }] }, { parallelism: 40 }]) {
    progress.begin({ ...layout, ...changed }, 4);
    expect([progress.isCleared(4, 7), progress.statesUpTo(7)]).toEqual([false, 0]);
  }
});
