/** The stores on a DynamoDB server: conditions of the head (S2, S3, S5), first write wins (S6), absent is not empty (S11), purge (P1). */
import { randomBytes, randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBatchStore } from '../../functions/adapters/dynamodb/batch-store.ts';
import { createDeadLetterStore } from '../../functions/adapters/dynamodb/dead-letter-store.ts';
import { createHeadStore } from '../../functions/adapters/dynamodb/head-store.ts';
import { deadLetterPartition } from '../../functions/adapters/dynamodb/keys.ts';
import { createPurge } from '../../functions/adapters/dynamodb/purge.ts';
import { loadSaved, maxChunkBytes, saveIfAbsent } from '../../functions/adapters/dynamodb/saved-value.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import type { SavedWindows } from '../../functions/core/window-table.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { ensureTable } from '../../local/checkpoint-table.ts';
import { type EmbeddedDynamodb, startEmbeddedDynamodb } from '../../local/embedded-dynamodb.ts';
import { batchBody, block, headOf } from '../support/builders.ts';
import { dynamodbOf } from '../support/world.ts';

const name = 'stores-test';
let dynamodb: EmbeddedDynamodb;
let client: DynamoDBClient;
let table: Table;
beforeAll(async () => {
  dynamodb = await startEmbeddedDynamodb();
  client = dynamodbOf({ dynamodb });
  await ensureTable(client, name);
  table = new Table(client, name, systemClock);
});
afterAll(async () => {
  client.destroy();
  await dynamodb.stop();
});
const uniqueId = () => `p-${randomUUID()}`;

/** Applies the write and loses the answer; what the SDK would do then is to send it again. */
function losingAnswers(): Table {
  const send = async (command: never) => {
    const answer = await client.send(command);
    return (command as object).constructor.name === 'UpdateItemCommand' ||
      (command as object).constructor.name === 'PutItemCommand'
      ? client.send(command)
      : answer;
  };
  return new Table({ send } as never, name, systemClock);
}

async function headStore(given: Parameters<typeof headOf>[0] = {}, on = table) {
  const pipeline = uniqueId();
  const head = await createHeadStore(table, pipeline).create(headOf({ pipeline, ...given }));
  return { store: createHeadStore(on, pipeline), head };
}
const claimOf = (owner: string) => ({
  claim: randomUUID(),
  owner,
  execution: 'e',
  leaseUntil: 50,
  listedAt: undefined,
  retentionMs: 5,
});

describe('the head', () => {
  it('is created once, and says what is stored', async () => {
    const { store, head } = await headStore({ epoch: 7, owner: 'first' });
    expect(await store.create({ ...head, owner: 'second' })).toEqual(head);
    expect(await store.load()).toEqual(head);
    expect(await createHeadStore(table, uniqueId()).load()).toBeUndefined();
  });

  it('is claimed by one of two that saw the same epoch (S2, S5)', async () => {
    const { store, head } = await headStore();
    const [one, other] = await Promise.all(['a', 'b'].map((owner) => store.claim(head, claimOf(owner))));
    expect([one?.kind, other?.kind].sort()).toEqual(['lost', 'updated']);
    expect((await store.load())?.epoch).toBe(head.epoch + 1);
  });

  it('is sealed only by its epoch and owner, and one batch after the committed one (S2, S3)', async () => {
    const { store, head } = await headStore({ epoch: 7, owner: 'me', committedBatch: 0, sealedBatch: 0 });
    for (const [batchId, ref, owner] of [
      [1, 6, 'me'],
      [1, 7, 'you'],
      [2, 7, 'me'],
      [0, 7, 'me'],
    ] as const) {
      expect(await store.seal({ batchId, ref }, owner, 9)).toEqual({ kind: 'lost', head });
    }
    expect(await store.seal({ batchId: 1, ref: 7 }, 'me', 9)).toMatchObject({
      kind: 'updated',
      head: { sealedBatch: 1, sealedRef: 7, leaseUntil: 9 },
    });
    expect(await store.seal({ batchId: 2, ref: 7 }, 'me', 9)).toMatchObject({ kind: 'lost' });
  });

  it('is not sealed again while a batch is sealed and not committed (S3)', async () => {
    const { store } = await headStore({ epoch: 8, owner: 'me', committedBatch: 0, sealedBatch: 1, sealedRef: 7 });
    expect(await store.seal({ batchId: 1, ref: 8 }, 'me', 9)).toMatchObject({ kind: 'lost', head: { sealedRef: 7 } });
  });

  it('is committed only by its epoch, for the batch that is sealed, and never lowers the horizon (S2, S3, S5)', async () => {
    const { store } = await headStore({
      epoch: 8,
      owner: 'me',
      committedBatch: 0,
      sealedBatch: 1,
      sealedRef: 7,
      horizon: 3,
    });
    const commit = { batchId: 1, ref: 7, epoch: 8, owner: 'me', leaseUntil: 0, horizon: 3 };
    for (const wrong of [{ epoch: 7 }, { owner: 'you' }, { ref: 8 }, { batchId: 2 }, { horizon: 2 }]) {
      expect(await store.commit({ ...commit, ...wrong }), JSON.stringify(wrong)).toMatchObject({ kind: 'lost' });
    }
    expect(await store.commit({ ...commit, horizon: 4 })).toMatchObject({
      kind: 'updated',
      head: { committedBatch: 1, committedRef: 7, horizon: 4 },
    });
  });

  it('recognises its own write when the answer was lost', async () => {
    const { store, head } = await headStore({ epoch: 7, owner: 'me', leaseUntil: 5 }, losingAnswers());
    const claimed = await store.claim(head, claimOf('me'));
    expect(claimed).toMatchObject({ kind: 'updated', head: { epoch: 8 } });
    expect(await store.seal({ batchId: 1, ref: 8 }, 'me', 9)).toMatchObject({ kind: 'updated' });
    expect(await store.commit({ batchId: 1, ref: 8, epoch: 8, owner: 'me', leaseUntil: 1, horizon: 0 })).toMatchObject({
      kind: 'updated',
    });
    expect(await store.release(8, 'me')).toMatchObject({ kind: 'updated', head: { leaseUntil: 0 } });
    expect(await store.claim(head, claimOf('other'))).toMatchObject({ kind: 'lost' });
  });

  it('is released by its holder only', async () => {
    const { store } = await headStore({ epoch: 7, owner: 'me', leaseUntil: 5 });
    expect(await store.release(6, 'me')).toMatchObject({ kind: 'lost', head: { leaseUntil: 5 } });
    expect(await store.release(7, 'you')).toMatchObject({ kind: 'lost', head: { leaseUntil: 5 } });
  });

  it('never lowers purgedBelow, nor raises it above the horizon (P1)', async () => {
    const { store } = await headStore({ horizon: 5 });
    for (const [batchId, expected] of [
      [4, 4],
      [3, 4],
      [6, 4],
      [5, 5],
    ] as const) {
      await store.setPurgedBelow(batchId);
      expect((await store.load())?.purgedBelow).toBe(expected);
    }
  });
});

const big = (chunks: number) => randomBytes(chunks * maxChunkBytes).toString('base64');

describe('saved values', () => {
  const keyed = () => ({ pk: uniqueId(), sk: 'value' });
  const options = { newId: randomUUID };

  it('keep the first write, small and in chunks (S6)', async () => {
    for (const value of ['small', big(2)]) {
      const key = keyed();
      expect(await saveIfAbsent(key, value, { ...options, table })).toBe('stored');
      expect(await saveIfAbsent(key, big(1), { ...options, table })).toBe('exists');
      expect(await saveIfAbsent(key, 'other', { ...options, table })).toBe('exists');
      expect(await loadSaved(table, key)).toBe(value);
    }
  });

  it('of two tries at once are one of the two, never a mixture', async () => {
    const key = keyed();
    const values = [big(3), big(3), big(2)];
    const told = await Promise.all(values.map((value) => saveIfAbsent(key, value, { ...options, table })));
    expect(told.filter((answer) => answer === 'stored')).toHaveLength(1);
    expect(await loadSaved(table, key)).toBe(values[told.indexOf('stored')]);
  });

  it('with a chunk missing are an error, absent ones are undefined (S11)', async () => {
    const key = keyed();
    await saveIfAbsent(key, big(2), { table, newId: () => 'nonce' });
    await table.deleteAll([{ pk: key.pk, sk: 'value#nonce#0001' }]);
    await expect(loadSaved(table, key)).rejects.toMatchObject({ name: 'MissingItem' });
    expect(await loadSaved(table, keyed())).toBeUndefined();
  });
});

function storeOf() {
  const pipeline = uniqueId();
  return {
    pipeline,
    store: createBatchStore(table, pipeline, systemClock, randomUUID),
    purge: createPurge(table, pipeline, systemClock),
  };
}
const windows = (text: string): SavedWindows => [[0, [[[text], [1]]]]];

describe('batches', () => {
  it('are loaded as the first try stored them; chunks of the other try are passed over (S6)', async () => {
    const { store } = storeOf();
    const put = (nonce: string) => store.putBlock({ ...block(0, []), nonce }, new Map([[0, windows(nonce)]]));
    expect(await put('one')).toBe('stored');
    expect(await put('two')).toBe('exists');
    const blocks = await store.loadBlocks(1, 7, 3);
    expect(blocks.map(({ nonce }) => nonce)).toEqual(['one']);
    const body = batchBody({ batchId: 1, ref: 7, blocks });
    expect(await store.loadPartials(body, 0)).toEqual([windows('one')]);
    expect(await store.loadPartials(body, 1)).toEqual([]);
  });

  it('with partials missing are an error, as are bodies and states that are named and absent (S11)', async () => {
    const { store } = storeOf();
    const groups = [{ keyGroup: 0, chunks: 1, digest: 'x' }];
    const body = batchBody({ batchId: 1, ref: 7, blocks: [{ task: 0, nonce: 'n', groups }] });
    await expect(store.loadPartials(body, 0)).rejects.toMatchObject({ name: 'MissingItem' });
    await expect(store.loadBody(1, 7)).rejects.toMatchObject({ name: 'MissingItem' });
    await expect(store.loadState(0, 1, 7)).rejects.toMatchObject({ name: 'MissingItem' });
  });

  it('put one body and one state; a later writer is given the first one, bytes and text alike (S6, S10)', async () => {
    const { store } = storeOf();
    const body = batchBody({ batchId: 1, ref: 7, records: 1 });
    await store.putBody(body);
    expect(await store.putBody({ ...body, records: 2 })).toEqual(body);
    const outbox = [
      { partitionKey: 'k', explicitHashKey: undefined, data: 'text' },
      { partitionKey: 'k', explicitHashKey: '5', data: Uint8Array.of(0xff, 0) },
    ];
    const state = { v: 1, batchId: 1, ref: 7, generation: 1, keyGroup: 0, windows: windows('a'), outbox, refused: [] };
    await store.putState(state);
    const stored = await store.putState({ ...state, outbox: [] });
    expect(
      stored.outbox.map(({ data, ...rest }) => ({ ...rest, data: typeof data === 'string' ? data : [...data] })),
    ).toEqual([
      { partitionKey: 'k', explicitHashKey: undefined, data: 'text' },
      { partitionKey: 'k', explicitHashKey: '5', data: [0xff, 0] },
    ]);
  });
});

describe('purge (P1)', () => {
  const fill = async (store: ReturnType<typeof storeOf>['store'], batches: number, text = 'x') => {
    for (let batchId = 0; batchId < batches; batchId++) {
      await store.putBlock({ ...block(0, []), batchId, ref: 7 }, new Map([[0, windows(text)]]));
      const [stored] = await store.loadBlocks(batchId, 7, 1);
      await store.putBody(batchBody({ batchId, ref: 7, blocks: [stored!] }));
      await store.putState({ v: 1, batchId, ref: 7, generation: 1, keyGroup: 0, windows: [], outbox: [], refused: [] });
    }
  };
  const isWhole = async (store: ReturnType<typeof storeOf>['store'], batchId: number) => {
    const body = await store.loadBody(batchId, 7);
    await store.loadState(0, batchId, 7);
    return (await store.loadPartials(body, 0)).length === 1 && (await store.loadBlocks(batchId, 7, 1)).length === 1;
  };

  it('takes everything below the horizon, in bounded steps, and nothing from it on', async () => {
    const { store, purge } = storeOf();
    await fill(store, 5);
    let from = 0;
    let deleted = 0;
    for (let round = 0; round < 20; round++) {
      const done = await purge({
        horizon: 3,
        from,
        parallelism: 1,
        tasks: 3,
        deadline: Date.now() + 60_000,
        maxItems: 4,
      });
      expect(done.deleted).toBeLessThanOrEqual(4);
      expect(done.purgedBelow).toBeGreaterThanOrEqual(from);
      [from, deleted] = [done.purgedBelow, deleted + done.deleted];
    }
    expect([from, deleted]).toEqual([3, 12]);
    expect(await Promise.all([3, 4].map((batchId) => isWhole(store, batchId)))).toEqual([true, true]);
    await expect(store.loadBody(2, 7)).rejects.toMatchObject({ name: 'MissingItem' });
    expect(await store.loadBlocks(2, 7, 1)).toEqual([]);
  });

  it('may run twice at once', async () => {
    const { store, purge } = storeOf();
    await fill(store, 4);
    const both = await Promise.all(
      [1, 2].map(() =>
        purge({ horizon: 2, from: 0, parallelism: 1, tasks: 3, deadline: Date.now() + 60_000, maxItems: 100 }),
      ),
    );
    expect(both.map(({ purgedBelow }) => purgedBelow)).toEqual([2, 2]);
    expect(await isWhole(store, 2)).toBe(true);
    expect(
      await purge({ horizon: 2, from: 0, parallelism: 1, tasks: 3, deadline: Date.now() + 60_000, maxItems: 100 }),
    ).toEqual({
      deleted: 0,
      purgedBelow: 2,
    });
  });

  it('goes on past the megabyte at which DynamoDB ends a page', async () => {
    const { store, purge } = storeOf();
    await fill(store, 2, big(5));
    await purge({ horizon: 1, from: 0, parallelism: 1, tasks: 3, deadline: Date.now() + 60_000, maxItems: 100 });
    expect(
      await purge({ horizon: 1, from: 0, parallelism: 1, tasks: 3, deadline: Date.now() + 60_000, maxItems: 100 }),
    ).toEqual({
      deleted: 0,
      purgedBelow: 1,
    });
    expect(await isWhole(store, 1)).toBe(true);
  });
});

it('keeps dead letters of any size, empty ones too, and a repeat overwrites itself', async () => {
  const pipeline = uniqueId();
  const store = createDeadLetterStore(table, pipeline, systemClock);
  const letter = (sub: number, payload: Uint8Array) =>
    ({
      shardId: 's',
      sequenceNumber: '5',
      subSequenceNumber: sub,
      partitionKey: '',
      arrivalTime: null,
      reason: 'invalid-json',
      message: '\ud83d',
      payload,
    }) as const;
  const payload = randomBytes(900_000);
  for (let round = 0; round < 2; round++) await store.put([letter(0, new Uint8Array()), letter(1, payload)]);
  const items = [];
  for await (const item of table.query(deadLetterPartition(pipeline, 's'), {
    condition: 'sk >= :from',
    values: { ':from': '0' },
  }))
    items.push(item);
  expect(items.map(({ parts }) => parts?.N)).toEqual(['1', '3', undefined, undefined]);
  expect(Buffer.concat(items.slice(1).map((item) => item.payload!.B!)).equals(payload)).toBe(true);
  expect(items[0]?.message?.S?.isWellFormed()).toBe(true);
});
