/** PURGE-2 of segments in the table: those that a state names stay, wherever a purge is cut, and those of lost tries go. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import { segmentFolder } from '../../functions/adapters/dynamodb/keys.ts';
import { openStorage, type Storage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { noFates } from '../../functions/core/dead-letter-tally.ts';
import { noManifest } from '../../functions/core/state/manifest.ts';
import type { Stores } from '../../functions/ports/ports.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';

const ref = 7;
/** The clock goes on by one with each look at it, so a deadline is a number of looks. */
let now: number;
let storage: Storage;
let stores: Stores;

beforeEach(async () => {
  now = 0;
  const clock = { now: () => (now += 1), sleep: async () => {} };
  const still = () => Date.UTC(2026, 10, 28);
  const dynamodb = new SimulatedDynamodb({ now: still, random: new Random(1) });
  const client = serviceClient<DynamoDBClient>((...asked) => dynamodb.execute(asked[0], asked[1]), { date: still });
  await ensureTable(client, 'sluice');
  let ids = 0;
  const table = new Table(client, 'sluice', { ...clock, now: still });
  storage = openStorage({ table, pipeline: 'p', clock, newId: () => `id-${++ids}` });
  stores = createStores(storage);
});

const segment = { bytes: new Uint8Array([1, 2, 3]), index: 1, entries: 1, slices: [0, 0], digest: 'd' } as const;
const nameOf = (batchId: number) => ({ batchId, ref, keyGroup: 0 });

/** A state that has made a segment, and a try that was lost to it. `drops`: the batch whose segment it lets go. */
async function putBatch(batchId: number, drops?: number): Promise<void> {
  await stores.segments.putSegment(nameOf(batchId), segment);
  const put = [await stores.segments.putSegment(nameOf(batchId), segment)];
  made[batchId] = put;
  const state = { ...nameOf(batchId), generation: 1, manifest: noManifest, fates: noFates, outputs: {}, steps: [] };
  const replaces = batchId === 0 ? undefined : nameOf(batchId - 1);
  await stores.states.putState(state, { replaces, put, dropped: drops === undefined ? [] : made[drops]! });
}
const made: { readonly name: string; readonly chunks: number }[][] = [];

const purge = (oldestRetainedBatch: number, from: number, looks = 10_000) =>
  stores.purge({ oldestRetainedBatch, from, createdAt: 1, parallelism: 1, tasks: [0], deadline: now + looks });

async function namesLeft(): Promise<string[]> {
  const names: string[] = [];
  const everything = { condition: 'sk >= :from', values: { ':from': '0' } };
  for await (const { sk } of storage.table.query(segmentFolder('p', 0), everything)) names.push(sk!.S!.slice(0, -5));
  return names;
}
const madeIn = (...batches: number[]) => batches.map((batchId) => made[batchId]![0]!.name);

it('takes what was let go and what lost tries have put, and leaves what states go on with', async () => {
  for (const batchId of [0, 1, 2, 3]) await putBatch(batchId, batchId === 2 ? 0 : undefined);
  expect((await purge(3, 0)).purgedBelow).toBe(3);
  const left = await namesLeft();
  expect(left).toEqual(expect.arrayContaining(madeIn(1, 2, 3)));
  // Of the last batch the next purge takes it.
  expect(left).toHaveLength(4);
});

it.each([1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30])(
  'takes nothing that is named when it was cut at the %sth look at the clock, and gone on with',
  async (looks) => {
    for (const batchId of [0, 1, 2, 3, 4]) await putBatch(batchId);
    const { purgedBelow } = await purge(3, 0, looks);
    await purge(4, purgedBelow);
    expect(await namesLeft()).toEqual(expect.arrayContaining(madeIn(0, 1, 2, 3, 4)));
  },
);

it('takes nothing that is named when another has gone further meanwhile', async () => {
  for (const batchId of [0, 1, 2, 3, 4]) await putBatch(batchId);
  await purge(4, 0);
  await purge(3, 0);
  expect(await namesLeft()).toEqual(expect.arrayContaining(madeIn(0, 1, 2, 3, 4)));
});
