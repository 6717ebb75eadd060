/** Items of the table and their limit of 400 KB (ITEMSIZE-1). */
import { randomBytes } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { itemBytes, mostItemBytes } from '../../functions/adapters/dynamodb/item-size.ts';
import { stateKey } from '../../functions/adapters/dynamodb/keys.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { noFates } from '../../functions/core/dead-letter-tally.ts';
import type { KeyGroupState } from '../../functions/core/reduction.ts';
import type { SegmentRef } from '../../functions/core/state/manifest.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';

const tableName = 'sluice';

function opened() {
  const dynamodb = new SimulatedDynamodb({ now: Date.now, random: new Random(1) });
  const client = serviceClient<DynamoDBClient>((operation, input) => dynamodb.execute(operation, input), {
    date: Date.now,
  });
  dynamodb.createTable(tableName);
  let ids = 0;
  const clock = { now: () => 0, sleep: async () => {} };
  const table = new Table(client, tableName, clock);
  const storage = openStorage({ table, pipeline: 'p', clock, newId: () => `id-${++ids}` });
  return { table, stores: createStores(storage), dynamodb };
}

const segment = (at: number): SegmentRef => {
  const name = `${String(at).padStart(12, '0')}#0001732000000#${'n'.repeat(36)}`;
  return { name, chunks: 1, digest: 'd', bytes: 1, index: 1, entries: 1, slices: [0, 0] };
};
const around = (dropped: number) => {
  return { replaces: undefined, put: [], dropped: Array.from({ length: dropped }, (_, at) => segment(at)) };
};
const state = (text: string): KeyGroupState => ({
  ...{ generation: 1, batchId: 4, ref: 7, keyGroup: 0, fates: noFates, outputs: {}, steps: [] },
  manifest: { runs: [], inline: { pages: [[0, 1, text]] } },
});

describe('a state whose item also names segments that go', () => {
  const key = stateKey('p', 0, 4, 7);

  it('lies beside its item where both together would exceed 400 KB', async () => {
    const { stores, dynamodb } = opened();
    const whole = state(randomBytes(240_000).toString('base64'));
    await stores.states.putState(whole, around(0));
    expect(dynamodb.item(tableName, key.pk, key.sk)!.data).toBeDefined();
    const other = opened();
    await other.stores.states.putState(whole, around(2_500));
    const root = other.dynamodb.item(tableName, key.pk, key.sk)!;
    expect([root.data, itemBytes(root as never)]).toEqual([undefined, expect.any(Number)]);
    expect(itemBytes(root as never)).toBeLessThan(mostItemBytes);
    expect(await other.stores.states.loadState(0, 4, 7)).toEqual(whole);
  });

  it('is refused by name where those alone exceed it, with the size and what it is of', async () => {
    const { stores, dynamodb } = opened();
    const refused = {
      name: 'ItemTooLarge',
      message: expect.stringMatching(
        /p\/state\/.* would have 4\d\d,\d{3} bytes, .* in `dropped`; .*409,600.*key groups/,
      ),
    };
    await expect(stores.states.putState(state('small'), around(6_000))).rejects.toMatchObject(refused);
    expect(dynamodb.item(tableName, key.pk, key.sk)).toBeUndefined();
  });
});

it('an item of 400 KB to the byte is put, and one of a byte more is not', async () => {
  const { table } = opened();
  const sized = (bytes: number) => {
    const item = { pk: { S: 'ä' }, sk: { S: 's' }, count: { N: '12' }, data: { B: new Uint8Array() } };
    return { ...item, data: { B: new Uint8Array(bytes - itemBytes(item)) } };
  };
  await table.put(sized(mostItemBytes));
  await expect(table.put(sized(mostItemBytes + 1))).rejects.toMatchObject({ name: 'ItemTooLarge' });
  await expect(table.putIfAbsent(sized(mostItemBytes + 1))).rejects.toMatchObject({ name: 'ItemTooLarge' });
});
