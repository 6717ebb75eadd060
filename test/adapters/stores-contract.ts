/**
 * What the stores need of DynamoDB, and what they make of it: conditions of the head (S2, S3, S5), first write wins
 * (S6), absent is not empty (S11), purge (P1). Runs on every service that stands in for DynamoDB.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChunkedBlobs } from '../../functions/adapters/dynamodb/chunked-blobs.ts';
import { createDeadLetterReader } from '../../functions/adapters/dynamodb/dead-letter-reader.ts';
import { createDeadLetterStore } from '../../functions/adapters/dynamodb/dead-letter-store.ts';
import { createHeadStore } from '../../functions/adapters/dynamodb/head-store.ts';
import { itemKind } from '../../functions/adapters/dynamodb/item-kind.ts';
import {
  blockKey,
  blockPartition,
  deadLetterKey,
  deadLetterPartitions,
  padRef,
  partialsFolder,
  shardNotesPartition,
  shardPartsFolder,
  statePartition,
} from '../../functions/adapters/dynamodb/keys.ts';
import { loadSaved, saveIfAbsent } from '../../functions/adapters/dynamodb/saved-value.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { keyOf, maxChunkBytes, Table } from '../../functions/adapters/dynamodb/table.ts';
import type { DeadLetter } from '../../functions/core/dead-letter.ts';
import { noFates } from '../../functions/core/dead-letter-tally.ts';
import type { GroupPartials } from '../../functions/core/group-partials.ts';
import { nextBatchId, type SourceNews } from '../../functions/core/head.ts';
import { isKept, type KeptLimits } from '../../functions/core/kept-partials.ts';
import type { BatchBody, BatchName, Head, Holder, Lease, PlannedShard } from '../../functions/core/model.ts';
import type { OutboxStep } from '../../functions/core/outbox.ts';
import type { KeyGroupState } from '../../functions/core/reduction.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import { namesOf } from '../../functions/core/shard-parts.ts';
import { type Manifest, noManifest } from '../../functions/core/state/manifest.ts';
import type { Blobs } from '../../functions/ports/blobs.ts';
import type { Clock } from '../../functions/ports/clock.ts';
import type { HeadStore, HeadUpdate } from '../../functions/ports/head-store.ts';
import type { Stores } from '../../functions/ports/ports.ts';
import type { Around } from '../../functions/ports/state-store.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import {
  batchBody,
  block,
  checkpoint,
  headOf,
  heldUntil,
  holderOf,
  plannedTask,
  planRecord,
  resultIdentity,
  resultVersion,
  sourceOf,
  sourcesOf,
} from '../support/builders.ts';
import { blobsContract } from './blobs-contract.ts';
import type { DifferenceName } from './dynamodb-differences.ts';

export type ServiceUnderTest = {
  readonly client: Pick<DynamoDBClient, 'send'>;
  /** BatchWriteItem leaves the writes at these places unprocessed, until told otherwise. */
  readonly leaveUnprocessed?: (which: (index: number) => boolean) => void;
  stop(): Promise<void>;
};

const name = 'stores-test';
let service: ServiceUnderTest;
let client: DynamoDBClient;
let table: Table;

/** Declares all tests of the suite but those that `differences` rule out. */
export function storesContract(
  start: () => Promise<ServiceUnderTest>,
  differences: readonly DifferenceName[] = [],
): void {
  beforeAll(async () => {
    service = await start();
    client = service.client as DynamoDBClient;
    await ensureTable(client, name);
    table = new Table(client, name, systemClock);
  });
  afterAll(() => service.stop());

  describe('the table', tableTests);
  describe.skipIf(differences.includes('unprocessed writes'))('writes left unprocessed', unprocessedTests);
  describe('the head', headTests);
  describe('saved values', savedValueTests);
  describe('batches', batchTests);
  describe('bodies', sealTests);
  describe('large values', blobTests);
  describe('blobs in chunks', () => {
    blobsContract((pieceBytes = maxChunkBytes) =>
      createChunkedBlobs(new Table(client, name, systemClock, Math.random, pieceBytes)),
    );
  });
  describe('purge (P1)', purgeTests);
  describe('dead letters', deadLetterTests);
}

const uniqueId = () => `p-${randomUUID()}`;

type Write = () => Promise<unknown>;

/** Writes of one item pass through `lose`, which applies them and decides what comes back of them. */
function tableLosing(lose: (write: Write) => Promise<unknown>): Table {
  const send = (command: object) => {
    const write = () => client.send(command as never);
    return /^(Update|Put)ItemCommand$/.test(command.constructor.name) ? lose(write) : write();
  };
  return new Table({ send } as never, name, systemClock);
}

/** The answer is lost, and the SDK sends the write again. */
const sentAgain = async (write: Write) => {
  await write();
  return write();
};

/** The answer is lost, and the SDK gives up. */
const givenUp = async (write: Write) => {
  await write();
  throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
};

const itemsOf = async (pk: string) => {
  const items = [];
  for await (const item of table.query(pk, { condition: 'sk >= :from', values: { ':from': '!' } })) items.push(item);
  return items;
};

async function headStore(given: Parameters<typeof headOf>[0] = {}, on = table) {
  const pipeline = uniqueId();
  const head = await createHeadStore(table, pipeline).create(headOf({ pipeline, ...given }));
  return { store: createHeadStore(on, pipeline), head };
}
const commitOf = (head: Head) => ({
  batchId: nextBatchId(head),
  ref: head.epoch + 1,
  epoch: head.epoch + 1,
  owner: 'me',
  lease: heldUntil(1),
  oldestRetainedBatch: head.oldestRetainedBatch + 1,
});

/** All changes of a batch, each possible after those before it, by a driver that saw `head`. */
function headWrites(head: Head) {
  const claim = claimOf('me');
  const [batchId, epoch] = [nextBatchId(head), head.epoch + 1];
  const changes = {
    claim: (store: HeadStore) => store.claim(head, claim),
    seal: (store: HeadStore) => store.seal({ batchId, ref: epoch }, 'me', 9),
    renew: (store: HeadStore) => store.renew({ batchId, ref: epoch }, { epoch, owner: 'me' }, 12),
    commit: (store: HeadStore) => store.commit(commitOf(head)),
    release: (store: HeadStore) => store.release(epoch, 'me'),
  } satisfies Record<string, (store: HeadStore) => Promise<HeadUpdate>>;
  return { changes };
}

const claimOf = (owner: string, source: Partial<SourceNews> = {}) => ({
  claim: randomUUID(),
  owner,
  execution: 'e',
  leaseUntil: 50,
  source: { listedAt: undefined, retentionMs: 5, ...source },
});

/** Of the driver 'me'. */
const mineWith = (lease: Lease): Holder => holderOf({ owner: 'me', lease });

function headTests() {
  const holder = mineWith({ kind: 'released' });

  describe.each(['claim', 'seal', 'renew', 'commit', 'release'] as const)('when the answer to a %s is lost', (lost) => {
    const upTo = async () => {
      const { store, head } = await headStore();
      const { changes } = headWrites(head);
      for (const [step, change] of Object.entries(changes)) {
        if (step === lost) break;
        expect(await change(store)).toMatchObject({ kind: 'updated' });
      }
      const on = (lose: Parameters<typeof tableLosing>[0]) => createHeadStore(tableLosing(lose), head.pipeline);
      return { store, head, change: changes[lost], on };
    };

    it('and it is sent again, it is known as done', async () => {
      const { store, change, on } = await upTo();
      const told = await change(on(sentAgain));
      expect(told).toEqual({ kind: 'updated', head: await store.load() });
    });

    it('and its caller tries again, it is known as done', async () => {
      const { store, change, on } = await upTo();
      const before = await store.load();
      await expect(change(on(givenUp))).rejects.toMatchObject({ name: 'TemporaryFailure' });
      const applied = await store.load();
      expect(applied).not.toEqual(before);
      expect(await change(store)).toEqual({ kind: 'updated', head: applied });
      expect(await store.load()).toEqual(applied);
    });

    it('and another claims before it is sent again, it is lost to them, and nothing of theirs is changed', async () => {
      const { store, change, on } = await upTo();
      const told = await change(
        on(async (write) => {
          await write();
          await store.claim((await store.load())!, claimOf('other'));
          return write();
        }),
      );
      expect(told).toMatchObject({ kind: 'lost', head: { holder: { owner: 'other' } } });
      expect(told.head).toEqual(await store.load());
    });
  });

  it('is created once though the answer is lost', async () => {
    for (const lose of [sentAgain, givenUp]) {
      const pipeline = uniqueId();
      const head = headOf({ pipeline });
      const first = createHeadStore(tableLosing(lose), pipeline).create(head);
      if (lose === givenUp) await expect(first).rejects.toMatchObject({ name: 'TemporaryFailure' });
      else expect(await first).toEqual(head);
      expect(await createHeadStore(table, pipeline).create({ ...head, holder: holderOf({ owner: 'later' }) })).toEqual(
        head,
      );
    }
  });

  it('begins with nobody, nothing sealed, nothing committed and no listing, and comes back so', async () => {
    const nothing = { holder: undefined, committed: undefined, sealed: undefined };
    const { store, head } = await headStore({ ...nothing, sources: sourcesOf({ listedAt: undefined }) });
    expect(head).toMatchObject(nothing);
    expect(sourceOf(head).listedAt).toBeUndefined();
    expect(await store.load()).toEqual(head);
    const claimed = await store.claim(head, claimOf('me'));
    expect(claimed).toMatchObject({ kind: 'updated', head: { holder: { owner: 'me', lease: heldUntil(50) } } });
    const first = { batchId: 0, ref: head.epoch + 1 };
    expect(await store.seal(first, 'me', 60)).toMatchObject({ kind: 'updated', head: { sealed: first } });
    expect((await store.load())?.committed).toBeUndefined();
  });

  it('is created once, and says what is stored', async () => {
    const { store, head } = await headStore({ epoch: 7, holder: holderOf({ owner: 'first' }) });
    expect(await store.create({ ...head, holder: holderOf({ owner: 'second' }) })).toEqual(head);
    expect(await store.load()).toEqual(head);
    expect(await createHeadStore(table, uniqueId()).load()).toBeUndefined();
  });

  it('is claimed by one of eight at once; the others are told of it (S2, S5)', async () => {
    const { store, head } = await headStore();
    const claims = Array.from({ length: 8 }, (_, index) => claimOf(`owner-${index}`));
    const told = await Promise.all(claims.map((claim) => store.claim(head, claim)));
    const winner = told.findIndex(({ kind }) => kind === 'updated');
    const after = { epoch: head.epoch + 1, holder: { claim: claims[winner]?.claim, owner: `owner-${winner}` } };
    expect(told.map(({ kind }) => kind === 'updated').filter(Boolean)).toHaveLength(1);
    for (const update of told) expect(update).toMatchObject({ head: after });
    expect(await store.load()).toMatchObject(after);
  });

  it('is claimed by one of two that saw the same epoch (S2, S5)', async () => {
    const { store, head } = await headStore();
    const [one, other] = await Promise.all(['a', 'b'].map((owner) => store.claim(head, claimOf(owner))));
    expect([one?.kind, other?.kind].sort()).toEqual(['lost', 'updated']);
    expect((await store.load())?.epoch).toBe(head.epoch + 1);
  });

  it('is sealed only by its epoch and owner, and one batch after the committed one (S2, S3)', async () => {
    const { store, head } = await headStore({ epoch: 7, holder });
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
      head: { sealed: { batchId: 1, ref: 7 }, holder: { lease: heldUntil(9) } },
    });
    expect(await store.seal({ batchId: 2, ref: 7 }, 'me', 9)).toMatchObject({ kind: 'lost' });
  });

  it('is not sealed again while a batch is sealed and not committed (S3)', async () => {
    const { store } = await headStore({ epoch: 8, holder, sealed: { batchId: 1, ref: 7 } });
    expect(await store.seal({ batchId: 1, ref: 8 }, 'me', 9)).toMatchObject({
      kind: 'lost',
      head: { sealed: { ref: 7 } },
    });
  });

  it('is renewed only by its epoch and owner, while the batch is sealed, held and not committed, and never shortened (S2, L3)', async () => {
    const batch = { batchId: 1, ref: 7 };
    const { store, head } = await headStore({ epoch: 8, holder: mineWith(heldUntil(20)), sealed: batch });
    const mine = { epoch: 8, owner: 'me' };
    for (const [named, holder] of [
      [batch, { ...mine, epoch: 7 }],
      [batch, { ...mine, owner: 'you' }],
      [{ ...batch, ref: 8 }, mine],
      [{ ...batch, batchId: 2 }, mine],
    ] as const) {
      expect(await store.renew(named, holder, 30)).toEqual({ kind: 'lost', head });
    }
    expect(await store.renew(batch, mine, 30)).toEqual({
      kind: 'updated',
      head: { ...head, holder: mineWith(heldUntil(30)) },
    });
    // A try that slept: what is there is longer than what it asks for.
    expect(await store.renew(batch, mine, 25)).toEqual({
      kind: 'updated',
      head: { ...head, holder: mineWith(heldUntil(30)) },
    });
    await store.release(8, 'me');
    expect(await store.renew(batch, mine, 40)).toEqual({
      kind: 'lost',
      head: { ...head, holder: mineWith({ kind: 'released' }) },
    });
    await store.commit({ ...batch, ...mine, lease: heldUntil(50), oldestRetainedBatch: 0 });
    expect(await store.renew(batch, mine, 60)).toMatchObject({
      kind: 'lost',
      head: { holder: { lease: heldUntil(50) } },
    });
  });

  it('is committed only by its epoch, for the batch that is sealed, and never lowers the oldest retained batch (S2, S3, S5)', async () => {
    const sealed = { batchId: 1, ref: 7 };
    const { store } = await headStore({ epoch: 8, holder: mineWith(heldUntil(20)), sealed, oldestRetainedBatch: 3 });
    const lease = { kind: 'released' } as const;
    const commit = { ...sealed, epoch: 8, owner: 'me', lease, oldestRetainedBatch: 3 };
    for (const wrong of [{ epoch: 7 }, { owner: 'you' }, { ref: 8 }, { batchId: 2 }, { oldestRetainedBatch: 2 }]) {
      expect(await store.commit({ ...commit, ...wrong }), JSON.stringify(wrong)).toMatchObject({ kind: 'lost' });
    }
    expect(await store.commit({ ...commit, oldestRetainedBatch: 4 })).toMatchObject({
      kind: 'updated',
      head: { committed: sealed, oldestRetainedBatch: 4, holder: mineWith(lease) },
    });
  });

  it('is released by its holder only', async () => {
    const { store, head } = await headStore({ epoch: 7, holder: mineWith(heldUntil(5)) });
    expect(await store.release(6, 'me')).toMatchObject({ kind: 'lost', head });
    expect(await store.release(7, 'you')).toMatchObject({ kind: 'lost', head });
  });

  it('of which there is none cannot be changed, and is not made by trying', async () => {
    const pipeline = uniqueId();
    const store = createHeadStore(table, pipeline);
    const head = headOf({ pipeline });
    const { changes } = headWrites(head);
    for (const change of Object.values(changes)) expect(await change(store)).toEqual({ kind: 'lost', head: undefined });
    await store.setPurgedBelow(1);
    await expect(store.setControl('stop')).rejects.toMatchObject({ name: 'MissingItem' });
    expect(await itemsOf(pipeline)).toEqual([]);
  });

  it('compares numbers as numbers: 10 comes after 9', async () => {
    const { store, head } = await headStore({ epoch: 9, holder, oldestRetainedBatch: 10, purgedBelow: 9 });
    await store.setPurgedBelow(10);
    expect((await store.load())?.purgedBelow).toBe(10);
    const nine = { batchId: 9, ref: 6 };
    const { changes } = headWrites({ ...head, committed: nine, oldestRetainedBatch: 9 });
    const { store: other } = await headStore({
      epoch: 9,
      holder,
      committed: nine,
      sealed: nine,
      oldestRetainedBatch: 9,
    });
    expect(await other.claim(head, claimOf('me'))).toMatchObject({ kind: 'updated', head: { epoch: 10 } });
    await changes.seal(other);
    expect(await changes.commit(other)).toMatchObject({
      kind: 'updated',
      head: { committed: { batchId: 10 }, oldestRetainedBatch: 10 },
    });
    expect(
      await other.commit(commitOf({ ...head, committed: { batchId: 10, ref: 10 }, oldestRetainedBatch: 8 })),
    ).toMatchObject({
      kind: 'lost',
    });
  });

  it('tells whoever changes it the whole head after the change', async () => {
    const { store, head } = await headStore({ epoch: 7, holder, fingerprint: 'print', parallelism: 3 });
    const claim = claimOf('me', { listedAt: 12 });
    const { stream } = sourceOf(head);
    expect(await store.claim(head, claim)).toEqual({
      kind: 'updated',
      head: {
        ...{ ...head, epoch: 8 },
        holder: { owner: 'me', claim: claim.claim, execution: 'e', lease: heldUntil(50) },
        sources: sourcesOf({ stream: { ...stream, retentionMs: 5 }, listedAt: 12 }),
      },
    });
    await store.setControl('stop');
    expect(await store.release(8, 'me')).toMatchObject({
      head: { control: 'stop', holder: { lease: { kind: 'released' } }, fingerprint: 'print' },
    });
  });

  it('keeps the end of a run until another run sets its own', async () => {
    const { store, head } = await headStore({});
    const boundOf = (told: Head | undefined) => told && sourceOf(told).runBound;
    expect(boundOf(await store.load())).toBeUndefined();
    const runBound = { timestamp: 1_772_366_402_000, provesEndFrom: 1_772_366_400_000 };
    const first = await store.claim(head, claimOf('one', { runBound }));
    const second = await store.claim(first.head!, claimOf('two'));
    expect([boundOf(first.head), boundOf(second.head)]).toEqual([runBound, runBound]);
    const later = { ...runBound, timestamp: runBound.timestamp + 1 };
    const third = await store.claim(second.head!, claimOf('three', { runBound: later }));
    expect([boundOf(third.head), boundOf(await store.load())]).toEqual([later, later]);
  });

  it('keeps from when on the stream has its records, until a claim says another time', async () => {
    const { store, head } = await headStore({});
    const first = await store.claim(head, claimOf('one', { retentionStart: 1_772_366_400_000 }));
    const second = await store.claim(first.head!, claimOf('two'));
    expect([head, first.head, second.head].map((told) => told && sourceOf(told).stream.retentionStart)).toEqual([
      undefined,
      1_772_366_400_000,
      1_772_366_400_000,
    ]);
    await store.claim(second.head!, claimOf('three', { retentionStart: 1_772_366_400_001 }));
    expect(sourceOf((await store.load())!).stream.retentionStart).toBe(1_772_366_400_001);
  });

  it('never lowers purgedBelow, nor raises it above the oldest retained batch (P1)', async () => {
    const { store } = await headStore({ oldestRetainedBatch: 5 });
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
}

const big = (chunks: number) => randomBytes(chunks * maxChunkBytes).toString('base64');

function savedValueTests() {
  const anything = itemKind<unknown>('value', { 1: (json) => json });
  const keyed = () => ({ pk: uniqueId(), sk: 'value' });
  const on = (given: { readonly table?: Table; readonly newId?: () => string } = {}) =>
    openStorage({ table, pipeline: 'p', clock: systemClock, newId: randomUUID, ...given });

  it('keep the first write, small and in chunks (S6)', async () => {
    for (const value of ['small', big(2)]) {
      const key = keyed();
      expect(await saveIfAbsent(anything, key, value, on())).toBe('stored');
      expect(await saveIfAbsent(anything, key, big(1), on())).toBe('exists');
      expect(await saveIfAbsent(anything, key, 'other', on())).toBe('exists');
      expect(await loadSaved(anything, key, on())).toBe(value);
    }
  });

  it('of two tries at once are one of the two, never a mixture', async () => {
    const key = keyed();
    const values = [big(3), big(3), big(2)];
    const told = await Promise.all(values.map((value) => saveIfAbsent(anything, key, value, on())));
    expect(told.filter((answer) => answer === 'stored')).toHaveLength(1);
    expect(await loadSaved(anything, key, on())).toBe(values[told.indexOf('stored')]);
  });

  it('are the first write though its answer was lost; who is told that they exist finds their own (S6)', async () => {
    for (const value of ['small', big(2)]) {
      const key = keyed();
      expect(await saveIfAbsent(anything, key, value, on({ table: tableLosing(sentAgain) }))).toBe('exists');
      expect(await saveIfAbsent(anything, key, 'other', on())).toBe('exists');
      expect(await loadSaved(anything, key, on())).toBe(value);
    }
  });

  it('are stored by a second try when the first one gave up, at any of its writes', async () => {
    const value = big(2);
    const rootAt = 3;
    for (const last of [0, 1, 2, rootAt]) {
      const key = keyed();
      let writes = 0;
      const failing = tableLosing((write) => (writes++ === last ? givenUp(write) : write()));
      await expect(saveIfAbsent(anything, key, value, on({ table: failing }))).rejects.toMatchObject({
        name: 'TemporaryFailure',
      });
      expect((await loadSaved(anything, key, on())) === (last === rootAt ? value : undefined)).toBe(true);
      expect(await saveIfAbsent(anything, key, value, on())).toBe(last === rootAt ? 'exists' : 'stored');
      expect((await loadSaved(anything, key, on())) === value).toBe(true);
    }
  });

  it('lie in one item up to the size of a chunk, else in chunks beside a root that names them', async () => {
    const sizes = async (value: unknown) => {
      const key = keyed();
      await saveIfAbsent(anything, key, value, { ...on({ newId: () => 'nonce' }), expires: 2_000_000_000 });
      return (await itemsOf(key.pk)).map(({ sk, chunks, data, expires }) => [
        sk?.S,
        chunks?.N,
        data !== undefined,
        expires?.N,
      ]);
    };
    expect(await sizes('small')).toEqual([['value', undefined, true, '2000000000']]);
    expect(await sizes(big(2))).toEqual([
      ['value', '3', false, '2000000000'],
      ['value#nonce#0000', undefined, true, '2000000000'],
      ['value#nonce#0001', undefined, true, '2000000000'],
      ['value#nonce#0002', undefined, true, '2000000000'],
    ]);
  });

  it('with a chunk missing are an error, absent ones are undefined (S11)', async () => {
    const key = keyed();
    await saveIfAbsent(anything, key, big(2), on({ newId: () => 'nonce' }));
    await table.deleteAll([{ pk: key.pk, sk: 'value#nonce#0001' }]);
    await expect(loadSaved(anything, key, on())).rejects.toMatchObject({ name: 'MissingItem' });
    expect(await loadSaved(anything, keyed(), on())).toBeUndefined();
  });
}

const storesOn = (on: Table, pipeline: string, clock = systemClock, options: { readonly passesPlans?: boolean } = {}) =>
  createStores(openStorage({ table: on, pipeline, clock, newId: randomUUID, ...options }));

function storeOf() {
  const pipeline = uniqueId();
  return {
    pipeline,
    stores: storesOn(table, pipeline),
    purge: storesOn(table, pipeline).purge,
  };
}
const windows = (text: string): SavedWindows => [[[text], [[0, 1, [1]]]]];
const manifestOf = (text: string): Manifest => ({ runs: [], inline: { pages: [[0, 1, text]] } });
/** Of a state without segments. */
const around = (replaces?: BatchName): Around => ({ replaces, put: [], dropped: [] });
const partials = (text: string): GroupPartials => ({ windows: windows(text), open: { ends: [1] } });
/** As a seal has it: with what its blocks keep. */
async function sealedOf(stores: Stores, name: BatchName = { batchId: 1, ref: 7 }, tasks = 1): Promise<BatchBody> {
  const blocks = await stores.blocks.loadBlocks(name.batchId, name.ref, tasks);
  const body = batchBody({ ...name, blocks });
  return { ...body, ...(await stores.blocks.putKept(body, blocks)) };
}
const longAgo: Clock = { ...systemClock, now: () => Date.now() - 40 * 86_400_000 };

function batchTests() {
  it('are loaded as the first try stored them; chunks of the other try are passed over (S6)', async () => {
    const { stores } = storeOf();
    const put = (nonce: string) => stores.blocks.putBlock({ ...block(0, []), nonce }, new Map([[0, partials(nonce)]]));
    expect(await put('one')).toBe('stored');
    expect(await put('two')).toBe('exists');
    const body = await sealedOf(stores, { batchId: 1, ref: 7 }, 3);
    expect(body.blocks.map(({ nonce }) => nonce)).toEqual(['one']);
    expect(await stores.blocks.loadPartials(body, 0)).toEqual([{ windows: windows('one') }]);
    expect(await stores.blocks.loadPartials(body, 1)).toEqual([]);
  });

  it('have partials in parts, each put before the block that names it, and read in their order (PARTS-1)', async () => {
    const { stores } = storeOf();
    const named = { ...block(0, []), nonce: 'one' };
    const put = (nonce: string, part: number, groups: readonly number[]) =>
      stores.blocks.putPart(
        { ...named, nonce, part },
        new Map(groups.map((group) => [group, partials(`${nonce}, part ${part} of ${group}`)])),
      );
    const parts = [await put('one', 0, [0, 1]), await put('one', 1, [1])];
    await put('two', 0, [0, 1]);
    await stores.blocks.putBlock(named, new Map([[1, partials('the rest')]]), parts);
    const blocks = await stores.blocks.loadBlocks(1, 7, 1);
    expect(blocks[0]!.groups.map(({ keyGroup, part }) => [keyGroup, part])).toEqual([
      [0, undefined],
      [1, undefined],
      [1, 1],
      [1, 2],
    ]);
    const body = await sealedOf(stores);
    expect(await stores.blocks.loadPartials(body, 0)).toEqual([{ windows: windows('one, part 0 of 0') }]);
    const texts = ['one, part 0 of 1', 'one, part 1 of 1', 'the rest'];
    expect(await stores.blocks.loadPartials(body, 1)).toEqual(texts.map((text) => ({ windows: windows(text) })));
  });

  it('have beside their partials what they carry for the outbox, or it alone', async () => {
    const { stores } = storeOf();
    const ifLate = { key: ['k', null], window: [0, 10] } as const;
    const carried = ['text', Uint8Array.of(0, 255)].map((data, at) => ({
      output: 'late',
      record: { partitionKey: 'p', explicitHashKey: at === 0 ? undefined : '7', data },
      place: ['shardId-000000000000', `${at}`, 0, 0] as const,
      ...(at === 0 ? {} : { ifLate }),
    }));
    const groups = new Map<number, GroupPartials>([
      [0, { ...partials('one'), carried }],
      [1, { windows: [], open: { ends: [] }, carried: carried.slice(0, 1) }],
    ]);
    await stores.blocks.putBlock(block(0, []), groups);
    const body = await sealedOf(stores);
    const bytes = { ...carried[1], record: { ...carried[1]!.record, data: Buffer.of(0, 255) } };
    expect(await stores.blocks.loadPartials(body, 0)).toEqual([
      { windows: windows('one'), carried: [carried[0], bytes] },
    ]);
    expect(await stores.blocks.loadPartials(body, 1)).toEqual([{ windows: [], carried: carried.slice(0, 1) }]);
  });

  const kept = { mostOfGroup: 100, mostOfBlock: 100 };
  const keeping = (keptLimits: KeptLimits) => {
    const pipeline = uniqueId();
    const parts = { table, pipeline, clock: systemClock, newId: randomUUID, keptLimits, mostKeptInBody: 0 };
    return { pipeline, stores: createStores(openStorage(parts)) };
  };

  it('keep what is small, up to so many bytes, and have the rest apart; a group is read whole either way (KEPT-1, KEPT-2)', async () => {
    const { pipeline, stores } = keeping(kept);
    const large = big(1);
    const text = (task: number, group: number) => `task ${task}, ${group === 2 ? large : `group ${group}`}`;
    for (const task of [0, 1, 2]) {
      const groups = task === 1 ? [1] : [0, 1, 2, 3];
      await stores.blocks.putBlock(block(task, []), new Map(groups.map((at) => [at, partials(text(task, at))])));
    }
    const body = await sealedOf(stores, { batchId: 1, ref: 7 }, 3);
    const apart = body.blocks.map(({ groups }) =>
      groups.filter((each) => !isKept(each)).map(({ keyGroup }) => keyGroup),
    );
    expect(apart.map((groups) => groups.toSorted())).toEqual([[2, 3], [], [2, 3]]);
    for (const group of [0, 1, 2, 3]) {
      const tasks = group === 1 ? [0, 1, 2] : [0, 2];
      const found = await stores.blocks.loadPartials(body, group);
      expect(found).toEqual(tasks.map((task) => ({ windows: windows(text(task, group)) })));
    }
    expect(await itemsOf(partialsFolder(pipeline, 1, 1))).toEqual([]);
  });

  it('expire with their plan: what they keep stays, as the seal has put it, and goes with the body (BLOCK-1)', async () => {
    const { pipeline, stores } = keeping(kept);
    await stores.blocks.putBlock(block(0, []), new Map([[0, partials('one')]]));
    const body = await stores.seals.putBody(await sealedOf(stores));
    // Of another try of the seal.
    await sealedOf(stores);
    const beside = async () => (await itemsOf(pipeline)).filter(({ sk }) => sk!.S!.includes('#partials#'));
    expect([(await itemsOf(blockPartition(pipeline, 0)))[0]!.expires, (await beside())[0]!.expires]).toEqual([
      { N: expect.any(String) },
      undefined,
    ]);
    await table.deleteAll([blockKey(pipeline, 0, 1, 7)]);
    expect(await stores.blocks.loadPartials(body, 0)).toEqual([{ windows: windows('one') }]);
    const bounds = { from: 0, createdAt: 1, parallelism: 1, tasks: [0], deadline: Date.now() + 60_000 };
    await stores.purge({ ...bounds, oldestRetainedBatch: 1 });
    expect(await beside()).toHaveLength(2);
    await stores.purge({ ...bounds, oldestRetainedBatch: 2 });
    expect(await beside()).toEqual([]);
    await expect(stores.blocks.loadPartials(body, 0)).rejects.toMatchObject({ name: 'MissingItem' });
  });

  it('are refused where the body does not name what they keep, or other bytes lie there (S11)', async () => {
    const { stores } = keeping(kept);
    await stores.blocks.putBlock(block(0, []), new Map([0, 1].map((at) => [at, partials(`group ${at}`)])));
    const { gathered, ...body } = await sealedOf(stores);
    const [first, second] = gathered!.groups;
    const wrong = [
      body,
      { ...body, gathered: { ...gathered!, groups: [second!] } },
      { ...body, gathered: { ...gathered!, groups: [{ ...first!, from: 1 }] } },
      { ...body, gathered: { ...gathered!, nonce: 'other' } },
      { ...body, blocks: [...body.blocks, ...body.blocks] },
    ];
    const found = wrong.map((each) => stores.blocks.loadPartials(each, 0).catch(({ name }: Error) => name));
    expect(await Promise.all(found)).toEqual(wrong.map(() => 'MissingItem'));
  });

  it('are loaded whole when their partials are more than a page', async () => {
    const { stores } = storeOf();
    const parts = new Map([[0, partials(big(4))]]);
    for (const task of [0, 1]) await stores.blocks.putBlock({ ...block(task, []) }, parts);
    const body = await sealedOf(stores, { batchId: 1, ref: 7 }, 2);
    expect(body.blocks.map(({ groups }) => groups[0]?.chunks)).toEqual([5, 5]);
    expect(await stores.blocks.loadPartials(body, 0)).toEqual([0, 0].map(() => ({ windows: parts.get(0)!.windows })));
  });

  it('have plans and tasks of which the first write is kept, and a count of what was sent', async () => {
    const { stores } = storeOf();
    const tasks = [0, 1].map((task) => plannedTask([], { ref: 7, task }));
    expect(await stores.plans.putPlan(planRecord({ ref: 7 }), tasks)).toBe('');
    await stores.plans.putPlan(planRecord({ ref: 7, taskCount: 5 }), tasks);
    expect(await stores.plans.loadPlan(7)).toEqual(planRecord({ ref: 7 }));
    await expect(stores.plans.loadTask(7, 2)).rejects.toMatchObject({ name: 'MissingItem' });
    const state = { keyGroup: 0, batchId: 1, ref: 7 };
    expect(await stores.outboxNotes.loadSent(state)).toEqual({});
    const none = { count: 0, ahead: [] };
    for (const count of [9, 10])
      await stores.outboxNotes.putSent(state, { main: { count, ahead: [count + 2] }, other: none });
    expect(await stores.outboxNotes.loadSent(state)).toEqual({ main: { count: 10, ahead: [12] }, other: none });
    await stores.outboxNotes.putRefused(state, 7);
    expect(await stores.outboxNotes.loadRefused(state)).toBe(7);
  });

  it('pass on a plan of one small task, or of none, and put nothing (PASSED-1)', async () => {
    const { pipeline, stores } = storeOf();
    const shards = [checkpoint('shard-1')].map(
      (shard) => ({ ...shard, isNew: false, start: 'continue' }) as PlannedShard,
    );
    const task = plannedTask(shards, { ref: 7 });
    const plan = planRecord({ ref: 7 });
    const passed = await stores.plans.putPlan(plan, [task]);
    expect(await itemsOf(pipeline)).toEqual([]);
    expect([await stores.plans.loadPlan(7, passed), await stores.plans.loadTask(7, 0, passed)]).toEqual([plan, task]);
    const alone = await stores.plans.putPlan({ ...plan, taskCount: 0 }, []);
    expect(await stores.plans.loadPlan(7, alone)).toEqual({ ...plan, taskCount: 0 });
    // Of another turn: whoever mixes them up stops before he reads.
    for (const load of [stores.plans.loadPlan(8, passed), stores.plans.loadTask(8, 0, passed)])
      await expect(load).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  it('put a plan of one task that is large, and of several', async () => {
    const { pipeline, stores } = storeOf();
    const large = plannedTask([], { ref: 7, fingerprint: big(1) });
    expect(await stores.plans.putPlan(planRecord({ ref: 7 }), [large])).toBe('');
    expect(await stores.plans.loadTask(7, 0)).toEqual(large);
    const two = [0, 1].map((number) => plannedTask([], { ref: 8, task: number }));
    expect(await stores.plans.putPlan(planRecord({ ref: 8, taskCount: 2 }), two)).toBe('');
    const named = (await itemsOf(pipeline)).filter(({ sk }) => /^PLAN#\d+(#\d{5})?$/.test(sk!.S!));
    expect(named).toHaveLength(5);
  });

  it('have in the body what blocks keep, where that is little (KEPT-3)', async () => {
    const { pipeline, stores } = storeOf();
    for (const task of [0, 1])
      await stores.blocks.putBlock(block(task, []), new Map([0, 1].map((at) => [at, partials(`${task}/${at}`)])));
    const body = await sealedOf(stores, { batchId: 1, ref: 7 }, 2);
    expect(body.gathered).toBeUndefined();
    await stores.seals.putBody(body);
    expect(await itemsOf(pipeline)).toHaveLength(1);
    const sealed = await stores.seals.loadSealed(1, 7);
    for (const group of [0, 1])
      expect(await stores.blocks.loadPartials(sealed, group)).toEqual(
        [0, 1].map((task) => ({ windows: windows(`${task}/${group}`) })),
      );
    const { kept: _, ...without } = sealed;
    await expect(stores.blocks.loadPartials(without, 0)).rejects.toMatchObject({ name: 'MissingItem' });
  });

  it('have tasks that name what lies in parts of the body before, and are loaded with it', async () => {
    const pipeline = uniqueId();
    const shardParts = { mostInBody: 0, ofGroup: 30, ofChanges: 3 };
    const stores = createStores(
      openStorage({ table, pipeline, clock: systemClock, newId: randomUUID, shardParts, passesPlans: false }),
    );
    const shards = Array.from({ length: 90 }, (_, at) => checkpoint(`shardId-${String(at).padStart(12, '0')}`));
    const first = await stores.seals.putBody(batchBody({ batchId: 1, ref: 7, shards }));
    const changed = shards.map((shard, at) => (at === 4 ? { ...shard, watermark: 5 } : shard));
    const body = await stores.seals.putBody({ ...batchBody({ batchId: 2, ref: 8 }), shards: changed }, first);
    const tasks = [body.shards.slice(0, 60), body.shards.slice(60)].map((some, task) => {
      const planned = some.map((shard) => ({ ...shard, isNew: false, start: 'continue' }) as PlannedShard);
      return plannedTask(planned, { ref: 9, task });
    });
    await stores.plans.putPlan(planRecord({ ref: 9, taskCount: 2 }), tasks, body.parts);
    expect([await stores.plans.loadTask(9, 0), await stores.plans.loadTask(9, 1)]).toEqual(tasks);
    await stores.plans.putPlan(planRecord({ ref: 10, taskCount: 2 }), [{ ...tasks[0]!, ref: 10 }]);
    await table.deleteAll(
      (await itemsOf(shardPartsFolder(pipeline))).map(({ sk }) => ({ pk: shardPartsFolder(pipeline), sk: sk!.S! })),
    );
    await expect(stores.plans.loadTask(9, 0)).rejects.toMatchObject({ name: 'MissingItem' });
    expect((await stores.plans.loadTask(10, 0)).shards).toEqual(tasks[0]!.shards);
  });

  it('have steps of rows of which the first write is kept, however large, and given to who comes later (STEP-1)', async () => {
    const { stores } = storeOf();
    const state = { keyGroup: 0, batchId: 1, ref: 7 };
    const record = { partitionKey: 'k', explicitHashKey: undefined, data: big(2) };
    const bytes = { partitionKey: 'k', explicitHashKey: '5', data: Buffer.from([0, 255]) };
    const letter = { index: 1, version: resultVersion, reason: 'callback-failed', message: 'no', row: '{}' } as const;
    const first: OutboxStep = {
      rows: [
        { kind: 'output', records: [{ output: 'main', record }] },
        {
          kind: 'output',
          records: [
            { output: 'main', record: bytes },
            { output: 'other', record },
          ],
          missed: [{ kind: 'filtered', output: 'third' }],
        },
      ],
      refused: [],
    };
    const second: OutboxStep = {
      rows: [{ kind: 'filtered' }, { kind: 'refused', reason: 'callback-failed', message: 'no' }],
      refused: [letter],
    };
    expect(await stores.rows.findStep(state, 0)).toBeUndefined();
    await expect(stores.rows.loadStep(state, 0)).rejects.toMatchObject({ name: 'MissingItem' });
    expect(await stores.rows.putStep(state, 0, first)).toBe(first);
    expect(await stores.rows.putStep(state, 0, second)).toEqual(first);
    expect(await stores.rows.loadStep(state, 0)).toEqual(first);
    await stores.rows.putStep(state, 2, second);
    expect(await stores.rows.findStep(state, 2)).toEqual(second);
    expect(await stores.rows.findStep({ ...state, ref: 8 }, 0)).toBeUndefined();
    // They lie beside the partials of their batch.
    expect(await stores.blocks.loadPartials(batchBody({ batchId: 1, ref: 7 }), 0)).toEqual([]);
  });

  it('with partials missing are an error, as are bodies and states that are named and absent (S11)', async () => {
    const { stores } = storeOf();
    const groups = [{ keyGroup: 0, v: 1, chunks: 1, digest: 'x', bytes: 0 }];
    const body = batchBody({ batchId: 1, ref: 7, blocks: [{ task: 0, nonce: 'n', groups }] });
    await expect(stores.blocks.loadPartials(body, 0)).rejects.toMatchObject({ name: 'MissingItem' });
    await expect(stores.seals.loadBody(1, 7)).rejects.toMatchObject({ name: 'MissingItem' });
    await expect(stores.states.loadState(0, 1, 7)).rejects.toMatchObject({ name: 'MissingItem' });
  });

  it('put one body and one state; a later writer is given the first one, bytes and text alike (S6, S10)', async () => {
    const { stores } = storeOf();
    const body = batchBody({ batchId: 1, ref: 7, records: 1 });
    await stores.seals.putBody(body);
    expect(await stores.seals.putBody({ ...body, records: 2 })).toEqual(body);
    const text = { partitionKey: 'k', explicitHashKey: undefined, data: 'text' };
    const to = (record: OutputRecord) => ({ kind: 'output', records: [{ output: 'main', record }] }) as const;
    const rows = [to(text), to({ partitionKey: 'k', explicitHashKey: '5', data: Buffer.from([0xff, 0]) })];
    const state: KeyGroupState = {
      ...emptyState(1),
      manifest: manifestOf('a'),
      steps: [{ from: 0, records: { main: 2 }, refused: 0 }],
      inline: [{ rows, refused: [] }],
    };
    await stores.states.putState(state, around());
    expect(await stores.states.putState({ ...state, steps: [], inline: [] }, around())).toEqual(state);
  });
}

const emptyState = (batchId: number): KeyGroupState => ({
  batchId,
  ref: 7,
  generation: 1,
  keyGroup: 0,
  manifest: noManifest,
  fates: noFates,
  outputs: {},
  steps: [],
});

/** Blobs that lie elsewhere, as objects in a bucket would. */
function blobsElsewhere() {
  const found = new Map<string, Uint8Array>();
  const load = ({ folder, name }: { readonly folder: string; readonly name: string }) =>
    found.get(`${folder}/${name}`)!;
  const blobs: Blobs = {
    mostInRoot: 1_000,
    mostOfPart: 100,
    keptLimits: { mostOfGroup: 500, mostOfBlock: 2_000 },
    put: async ({ folder, name }, bytes) => {
      found.set(`${folder}/${name}`, bytes);
      return { chunks: 1, digest: 'd' };
    },
    get: async (blob) => load(blob),
    getRange: async (blob, from, length) => load(blob).subarray(from, from + length),
    getAll: async ({ folder }, named) => named.map(({ name }) => load({ folder, name })),
    async delete(named) {
      for (const { folder, name } of named) found.delete(`${folder}/${name}`);
    },
  };
  return { blobs, found };
}

function sealTests() {
  const shards = Array.from({ length: 30 }, (_, at) => checkpoint(`shardId-${String(at).padStart(12, '0')}`));
  const body = batchBody({ batchId: 1, ref: 7, shards });
  const partsOf = (pipeline: string) => itemsOf(shardPartsFolder(pipeline));
  const inParts = (pipeline: string) => {
    let ids = 0;
    const shardParts = { mostInBody: 0, ofGroup: 10, ofChanges: 3 };
    return createStores(openStorage({ table, pipeline, clock: systemClock, shardParts, newId: () => `try-${++ids}` }));
  };
  /** Some are read once more. */
  const after = (before: BatchBody, changed: readonly number[], batchId = before.batchId + 1): BatchBody => ({
    ...batchBody({ batchId, ref: 7 }),
    shards: before.shards.map((shard, at) => (changed.includes(at) ? { ...shard, watermark: batchId } : shard)),
  });
  const contentOf = ({ parts: _, replacedParts: __, ...content }: BatchBody) => content;
  const dropNames = async (pipeline: string, names: readonly { readonly sk?: AttributeValue }[]) =>
    table.deleteAll(names.map(({ sk }) => ({ pk: shardPartsFolder(pipeline), sk: sk!.S! })));

  it('are whole, however large their checkpoints; their reducers read the root alone', async () => {
    const { pipeline } = storeOf();
    const stores = inParts(pipeline);
    await stores.seals.putBody(body);
    expect(contentOf(await stores.seals.loadBody(1, 7))).toEqual(body);
    const parts = await partsOf(pipeline);
    expect(parts).toHaveLength(3);
    await dropNames(pipeline, parts);
    const { shards: _, ...sealed } = body;
    expect(await stores.seals.loadSealed(1, 7)).toEqual(sealed);
    await expect(stores.seals.loadBody(1, 7)).rejects.toMatchObject({ name: 'MissingItem' });
  });

  it('of two tries never mix: the first one counts, with the checkpoints that it had (S6)', async () => {
    const { pipeline } = storeOf();
    const stores = inParts(pipeline);
    await stores.seals.putBody(body);
    const other = { ...body, records: 5, shards: shards.map((shard) => ({ ...shard, watermark: 9 })) };
    expect(contentOf(await stores.seals.putBody(other))).toEqual(body);
    expect(contentOf(await stores.seals.loadBody(1, 7))).toEqual(body);
  });

  it('put what has changed, and go on naming the parts of batches before (SHARDS-2)', async () => {
    const { pipeline } = storeOf();
    const stores = inParts(pipeline);
    const first = await stores.seals.putBody(body);
    const few = await stores.seals.putBody(after(first, [4, 17]), first);
    expect(await partsOf(pipeline)).toHaveLength(4);
    expect(few.parts!.groups).toEqual(first.parts!.groups);
    expect(contentOf(await stores.seals.loadBody(2, 7))).toEqual(contentOf(few));
    const loaded = await stores.seals.loadBody(2, 7);
    const more = await stores.seals.putBody(after(loaded, [5, 6, 7, 8]), loaded);
    const anew = more.parts!.groups.filter(({ name }) => name.batchId === 3);
    expect(anew.length).toBeGreaterThan(0);
    expect(anew.length).toBeLessThan(3);
    expect(contentOf(await stores.seals.loadBody(3, 7))).toEqual(contentOf(more));
    expect(more.replacedParts).toHaveLength(anew.length + 1);
    const same = await stores.seals.putBody(after(more, []), more);
    expect(same.parts).toEqual(more.parts);
    expect((await stores.seals.loadBody(4, 7)).replacedParts).toBeUndefined();
  });

  it('lose the parts that no retained batch names, and no others (P1)', async () => {
    const { pipeline } = storeOf();
    const stores = inParts(pipeline);
    const commit = async (sealed: BatchBody) => {
      const named = namesOf(sealed.parts!).filter(({ batchId }) => batchId === sealed.batchId);
      await stores.shardPartPurge.noteChanges(sealed, { named, replaced: sealed.replacedParts ?? [] });
      return sealed;
    };
    const clear = (oldestRetainedBatch: number) =>
      stores.shardPartPurge.clear({ oldestRetainedBatch, deadline: Number.POSITIVE_INFINITY });
    const first = await commit(await stores.seals.putBody(body));
    const second = await commit(await stores.seals.putBody(after(first, [1, 2]), first));
    // Another try of the same seal, which came too late.
    await stores.seals.putBody({ ...after(first, [1, 2, 3]), ref: 6 }, first);
    const third = await commit(await stores.seals.putBody(after(second, [4, 5, 6, 7, 8]), second));
    await clear(1);
    expect(await partsOf(pipeline)).toHaveLength(3 + 1 + 1 + 1 + third.replacedParts!.length - 1);
    await clear(3);
    expect(contentOf(await stores.seals.loadBody(2, 7))).toEqual(contentOf(second));
    expect(contentOf(await stores.seals.loadBody(3, 7))).toEqual(contentOf(third));
    expect((await partsOf(pipeline)).filter(({ sk }) => sk!.S!.includes(padRef(6)))).toEqual([]);
    await clear(4);
    expect(contentOf(await stores.seals.loadBody(3, 7))).toEqual(contentOf(third));
    expect(await partsOf(pipeline)).toHaveLength(namesOf(third.parts!).length);
    expect(await itemsOf(shardNotesPartition(pipeline))).toEqual([]);
    await clear(4);
  });
}

function blobTests() {
  it('may lie elsewhere: the table has roots only, and every store finds its large values', async () => {
    const pipeline = uniqueId();
    const { blobs, found } = blobsElsewhere();
    const shardParts = { ofGroup: 3, ofChanges: 1 };
    const stores = createStores({ table, pipeline, clock: systemClock, newId: randomUUID, blobs, shardParts });
    const large = randomBytes(3_000).toString('base64');
    await stores.blocks.putBlock(block(0, []), new Map([[0, partials(large)]]));
    const blocks = await stores.blocks.loadBlocks(1, 7, 1);
    const body = await stores.seals.putBody(batchBody({ batchId: 1, ref: 7, blocks, fingerprint: large }));
    const state = await stores.states.putState({ ...emptyState(1), manifest: manifestOf(large) }, around());
    const record = { partitionKey: 'k', explicitHashKey: undefined, data: large };
    const step: OutboxStep = { rows: [{ kind: 'output', records: [{ output: 'main', record }] }], refused: [] };
    await stores.rows.putStep(emptyState(1), 0, step);
    expect(await stores.blocks.loadPartials(body, 0)).toEqual([{ windows: windows(large) }]);
    expect((await stores.seals.loadBody(1, 7)).fingerprint).toBe(large);
    expect(await stores.states.loadState(0, 1, 7)).toEqual(state);
    expect(await stores.rows.loadStep(emptyState(1), 0)).toEqual(step);
    expect([...found.keys()].map((name) => name.split('#')[0])).toEqual([
      `${pipeline}/blocks/000000000001/00000/0000000000000007`,
      `${pipeline}/BATCH`,
      `${pipeline}/state/00000/000000000001`,
      `${pipeline}/blocks/000000000001/00000/rows`,
    ]);
    const partitions = [
      pipeline,
      blockPartition(pipeline, 0),
      statePartition(pipeline, 0),
      partialsFolder(pipeline, 1, 0),
    ];
    const items = (await Promise.all(partitions.map(itemsOf))).flat();
    expect(items.map(({ data }) => (data?.B?.length ?? 0) < 1_000)).toEqual([true, true, true, true]);
  });
}

/** Of a group that is reduced in each batch. */
const stateBefore = (batchId: number) => (batchId === 0 ? undefined : { batchId: batchId - 1, ref: 7 });

function purgeTests() {
  const fill = async (stores: ReturnType<typeof storeOf>['stores'], batches: number, text = 'x') => {
    for (let batchId = 0; batchId < batches; batchId++) {
      await stores.blocks.putBlock({ ...block(0, []), batchId, ref: 7 }, new Map([[0, partials(text)]]));
      await stores.seals.putBody(await sealedOf(stores, { batchId, ref: 7 }));
      await stores.states.putState(emptyState(batchId), around(stateBefore(batchId)));
    }
  };
  const isWhole = async (stores: ReturnType<typeof storeOf>['stores'], batchId: number) => {
    const body = await stores.seals.loadBody(batchId, 7);
    await stores.states.loadState(0, batchId, 7);
    return (
      (await stores.blocks.loadPartials(body, 0)).length === 1 &&
      (await stores.blocks.loadBlocks(batchId, 7, 1)).length === 1
    );
  };

  it('takes everything below the oldest retained batch and nothing from it on, as far as its time goes, and then the rest', async () => {
    const { pipeline, stores } = storeOf();
    let now = 0;
    const purge = storesOn(table, pipeline, { ...systemClock, now: () => now++ }).purge;
    await fill(stores, 5);
    const rounds: number[] = [];
    for (let from = 0; from < 3 && rounds.length < 50; ) {
      const done = await purge({
        oldestRetainedBatch: 3,
        from,
        createdAt: 1,
        parallelism: 1,
        tasks: [0, 1, 2],
        deadline: now + 17,
      });
      expect(done.purgedBelow).toBeGreaterThanOrEqual(from);
      from = done.purgedBelow;
      rounds.push(done.deleted);
    }
    expect(rounds.length).toBeGreaterThan(1);
    await purge({
      oldestRetainedBatch: 3,
      from: 3,
      createdAt: 1,
      parallelism: 1,
      tasks: [0, 1, 2],
      deadline: now + 1_000,
    });
    expect(await Promise.all([3, 4].map((batchId) => isWhole(stores, batchId)))).toEqual([true, true]);
    await expect(stores.seals.loadBody(2, 7)).rejects.toMatchObject({ name: 'MissingItem' });
    // A block goes when it has expired.
    expect(await stores.blocks.loadBlocks(2, 7, 1)).toHaveLength(1);
  });

  it('takes the chunks of values of every size, and of tries whose value was not stored', async () => {
    const { pipeline, purge } = storeOf();
    const inChunks = new Table(client, name, systemClock, Math.random, 100);
    const stores = storesOn(inChunks, pipeline);
    const large = randomBytes(9_000).toString('base64');
    await fill(stores, 2, large);
    for (const batchId of [0, 1]) {
      const letter = { index: 0, reason: 'callback-failed', message: large, row: large } as const;
      const refused = [{ ...letter, version: resultVersion }];
      const state = { ...emptyState(batchId), keyGroup: 1, manifest: manifestOf(large) };
      const step = { rows: [], refused };
      for (let tries = 0; tries < 2; tries++) {
        await stores.rows.putStep(state, 0, step);
        await stores.states.putState({ ...state, inline: [step] }, around(stateBefore(batchId)));
      }
      await stores.outboxNotes.putSent({ batchId, ref: 7, keyGroup: 1 }, { main: { count: 1, ahead: [] } });
    }
    await storesOn(inChunks, pipeline, longAgo).plans.putPlan(planRecord({ ref: 1, fingerprint: large }), [
      plannedTask([], { ref: 1, fingerprint: large }),
    ]);
    const partitions = [
      ...[pipeline, blockPartition(pipeline, 0)],
      ...[0, 1].flatMap((group) => [statePartition(pipeline, group), partialsFolder(pipeline, 0, group)]),
    ];
    const left = async () =>
      (await Promise.all(partitions.map(itemsOf))).flat().map(({ pk, sk }) => `${pk!.S} ${sk!.S}`);
    // A block goes when it has expired.
    const isLeft = (name: string) => /\/blocks\/00000 | (BATCH#)?000000000001#/.test(name);
    const before = await left();
    expect(before.length).toBeGreaterThan(600);
    await purge({
      oldestRetainedBatch: 1,
      from: 0,
      createdAt: 1,
      parallelism: 2,
      tasks: [0],
      deadline: Date.now() + 60_000,
    });
    expect(await left()).toEqual(before.filter(isLeft));
    expect(await isWhole(stores, 1)).toBe(true);
  });

  it('leaves the state that nothing has replaced up to the oldest retained batch, with all beside it, and takes it then', async () => {
    const { pipeline, stores, purge } = storeOf();
    const bounds = { createdAt: 1, parallelism: 1, tasks: [0], deadline: Date.now() + 60_000 };
    for (const batchId of [0, 1, 4])
      await stores.states.putState(
        emptyState(batchId),
        around(batchId === 0 ? undefined : { batchId: batchId === 1 ? 0 : 1, ref: 7 }),
      );
    await stores.outboxNotes.putSent({ batchId: 1, ref: 7, keyGroup: 0 }, { main: { count: 1, ahead: [] } });
    const left = async () =>
      (await itemsOf(statePartition(pipeline, 0))).map(({ sk }) => sk!.S!.replaceAll(/0{2,}/g, ''));
    await purge({ ...bounds, oldestRetainedBatch: 3, from: 0 });
    expect(await left()).toEqual(['1#7', '1#7#sent', '4#7']);
    expect(await purge({ ...bounds, oldestRetainedBatch: 4, from: 3 })).toEqual({ deleted: 2, purgedBelow: 4 });
    expect(await left()).toEqual(['4#7']);
    expect(await purge({ ...bounds, oldestRetainedBatch: 90, from: 4 })).toEqual({ deleted: 0, purgedBelow: 90 });
    expect(await left()).toEqual(['4#7']);
  });

  it('takes what the gathering step has stored with its batch, though nothing replaces it (PURGE-3)', async () => {
    const { pipeline, stores, purge } = storeOf();
    const [gathering, bounds] = [2, { createdAt: 1, parallelism: 2, tasks: [0], deadline: Date.now() + 60_000 }];
    for (const batchId of [0, 1, 2]) {
      const state = { ...emptyState(batchId), keyGroup: gathering };
      await stores.rows.putStep(state, 0, { rows: [], refused: [] });
      await stores.states.putState(state, around());
      await stores.outboxNotes.putSent({ batchId, ref: 7, keyGroup: gathering }, { main: { count: 1, ahead: [] } });
    }
    await purge({ ...bounds, oldestRetainedBatch: 2, from: 0 });
    const left = (await itemsOf(statePartition(pipeline, gathering))).map(({ sk }) => sk!.S!.replaceAll(/0{2,}/g, ''));
    expect(left).toEqual(['2#7', '2#7#sent']);
    const steps = [0, 1, 2].map(async (batchId) => itemsOf(partialsFolder(pipeline, batchId, gathering)));
    expect((await Promise.all(steps)).map(({ length }) => length)).toEqual([0, 0, 1]);
  });

  it('takes the steps of batches below the oldest retained one, and no other, though their state stays', async () => {
    const { pipeline, stores, purge } = storeOf();
    for (const batchId of [0, 1, 2])
      for (const from of [0, 1])
        await stores.rows.putStep({ batchId, ref: 7, keyGroup: 1 }, from, {
          rows: [{ kind: 'filtered' }],
          refused: [],
        });
    await stores.states.putState({ ...emptyState(0), keyGroup: 1 }, around());
    const bounds = { createdAt: 1, parallelism: 2, tasks: [0], deadline: Date.now() + 60_000 };
    await purge({ ...bounds, oldestRetainedBatch: 2, from: 0 });
    const left = await Promise.all([0, 1, 2].map((batchId) => itemsOf(partialsFolder(pipeline, batchId, 1))));
    expect(left.map(({ length }) => length)).toEqual([0, 0, 2]);
    expect(await itemsOf(statePartition(pipeline, 1))).toHaveLength(1);
  });

  it('takes states of a pipeline that had this name before', async () => {
    const { pipeline, stores, purge } = storeOf();
    await stores.states.putState(emptyState(1), around());
    await stores.states.putState({ ...emptyState(1), ref: 20 }, around());
    await purge({
      oldestRetainedBatch: 2,
      from: 0,
      createdAt: 15,
      parallelism: 1,
      tasks: [0],
      deadline: Date.now() + 60_000,
    });
    expect((await itemsOf(statePartition(pipeline, 0))).map(({ sk }) => sk!.S!.slice(-2))).toEqual(['20']);
  });

  it('may run twice at once', async () => {
    const { stores, purge } = storeOf();
    await fill(stores, 4);
    const both = await Promise.all(
      [1, 2].map(() =>
        purge({
          oldestRetainedBatch: 2,
          from: 0,
          createdAt: 1,
          parallelism: 1,
          tasks: [0, 1, 2],
          deadline: Date.now() + 60_000,
        }),
      ),
    );
    expect(both.map(({ purgedBelow }) => purgedBelow)).toEqual([2, 2]);
    expect(await isWhole(stores, 2)).toBe(true);
    expect(
      await purge({
        oldestRetainedBatch: 2,
        from: 0,
        createdAt: 1,
        parallelism: 1,
        tasks: [0, 1, 2],
        deadline: Date.now() + 60_000,
      }),
    ).toEqual({
      deleted: 0,
      purgedBelow: 2,
    });
  });

  it('takes plans, blocks and reports that have expired, and no others', async () => {
    const { pipeline, stores, purge } = storeOf();
    const old = storesOn(table, pipeline, longAgo, { passesPlans: false });
    for (let ref = 0; ref < 60; ref++) await old.plans.putPlan(planRecord({ ref }), []);
    await storesOn(table, pipeline, systemClock, { passesPlans: false }).plans.putPlan(planRecord({ ref: 60 }), []);
    for (const batchId of [1, 2]) await old.blocks.putBlock({ ...block(0, []), batchId }, new Map());
    await stores.blocks.putBlock({ ...block(0, []), batchId: 3 }, new Map());
    const bounds = {
      oldestRetainedBatch: 0,
      from: 0,
      createdAt: 1,
      parallelism: 1,
      tasks: [0],
      deadline: Date.now() + 60_000,
    };
    expect(await purge(bounds)).toEqual({ deleted: 62, purgedBelow: 0 });
    const blocks = await itemsOf(blockPartition(pipeline, 0));
    expect(blocks.map(({ sk }) => Number(sk!.S!.split('#')[0]))).toEqual([3]);
    expect(await stores.plans.loadPlan(60)).toMatchObject({ ref: 60 });
    await expect(stores.plans.loadPlan(59)).rejects.toMatchObject({ name: 'MissingItem' });
  });

  it('goes on past the megabyte at which DynamoDB ends a page', async () => {
    const { stores, purge } = storeOf();
    await fill(stores, 2, big(5));
    await purge({
      oldestRetainedBatch: 1,
      from: 0,
      createdAt: 1,
      parallelism: 1,
      tasks: [0, 1, 2],
      deadline: Date.now() + 60_000,
    });
    expect(
      await purge({
        oldestRetainedBatch: 1,
        from: 0,
        createdAt: 1,
        parallelism: 1,
        tasks: [0, 1, 2],
        deadline: Date.now() + 60_000,
      }),
    ).toEqual({
      deleted: 0,
      purgedBelow: 1,
    });
    expect(await isWhole(stores, 1)).toBe(true);
  });
}

function deadLetterTests() {
  it('are kept at any size, empty ones too, and a repeat overwrites itself', async () => {
    const pipeline = uniqueId();
    const store = createDeadLetterStore(table, pipeline, systemClock);
    const letter = (sub: number, payload: Uint8Array) =>
      ({
        source: 'main',
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
    for (let round = 0; round < 2; round++)
      await store.put([letter(0, new Uint8Array()), letter(1, payload)], systemClock.now() + 60_000);
    const items = [];
    for (const pk of deadLetterPartitions(pipeline))
      for await (const item of table.query(pk, { condition: 'sk >= :from', values: { ':from': '0' } }))
        items.push(item);
    items.sort((one, other) => (one.sk!.S! < other.sk!.S! ? -1 : 1));
    expect(items.map(({ parts }) => parts?.N)).toEqual(['1', '3', undefined, undefined]);
    expect(Buffer.concat(items.slice(1).map((item) => item.payload!.B!)).equals(payload)).toBe(true);
    expect(items[0]?.message?.S?.isWellFormed()).toBe(true);
  });

  it('are listed in the order of sources, shards, records and events, over all partitions, and shown as they came', async () => {
    const pipeline = uniqueId();
    const payload = randomBytes(900_000);
    const { output: _, ...rowIdentity } = resultIdentity({ batch: 12, ref: 7 });
    const letter = (shardId: string, sequenceNumber: string, sub: number): DeadLetter => ({
      source: shardId === 'group-0' ? 'results' : 'main',
      shardId,
      sequenceNumber,
      subSequenceNumber: sub,
      partitionKey: 'key',
      arrivalTime: shardId === 'group-0' ? null : 5,
      reason: sub % 2 === 0 ? 'invalid-json' : 'invalid-key',
      message: `of ${sub}`,
      payload: sub === 3 ? payload : Uint8Array.of(sub % 256),
      ...(shardId === 'group-0' ? { resultIdentity: rowIdentity } : {}),
    });
    const inOrder = [
      letter('shard-1', '9', 2),
      letter('shard-1', '10', 0),
      ...Array.from({ length: 40 }, (_, sub) => letter('shard-1', '11', sub)),
      letter('shard-2', '1', 1_234_567),
      letter('group-0', '12-7', 0),
    ];
    await createDeadLetterStore(table, pipeline, systemClock).put(inOrder.toReversed(), systemClock.now() + 60_000);
    const reader = createDeadLetterReader(table, pipeline);
    const listed = async (filter: Parameters<typeof reader.list>[0]) => {
      const letters = [];
      for await (const each of reader.list(filter, ({ why }) => expect.unreachable(why))) letters.push(each);
      return letters;
    };
    const withoutPayload = ({ payload: bytes, ...rest }: DeadLetter) => ({ ...rest, payloadBytes: bytes.length });
    expect(await listed({})).toEqual(inOrder.map(withoutPayload));
    const keysOfOne = inOrder.filter(({ shardId, reason }) => shardId === 'shard-1' && reason === 'invalid-key');
    expect(await listed({ shardId: 'shard-1', reason: 'invalid-key' })).toEqual(keysOfOne.map(withoutPayload));
    expect(await listed({ shardId: 'shard' })).toEqual([]);
    expect(await listed({ shardId: 'group-0' })).toEqual([]);
    expect(await listed({ source: 'results', shardId: 'group-0' })).toEqual([withoutPayload(inOrder.at(-1)!)]);
    expect(await listed({ source: 'main' })).toEqual(inOrder.slice(0, -1).map(withoutPayload));
    expect(await listed({ source: 'ma' })).toEqual([]);
    for (const each of [inOrder[0]!, inOrder.at(-1)!, letter('shard-1', '11', 3)]) {
      const found = await reader.load(each);
      expect({ ...found, payload: Buffer.compare(found!.payload, each.payload) }).toEqual({ ...each, payload: 0 });
    }
    expect(
      await reader.load({ source: 'main', shardId: 'shard-1', sequenceNumber: '12', subSequenceNumber: 0 }),
    ).toBeUndefined();
  });

  it('stop the reader where a part of one is missing', async () => {
    const pipeline = uniqueId();
    const place = { source: 'main', shardId: 's', sequenceNumber: '5', subSequenceNumber: 0 };
    const about = { partitionKey: '', arrivalTime: null, reason: 'invalid-json', message: '' } as const;
    const letter = { ...place, ...about, payload: randomBytes(400_000) };
    await createDeadLetterStore(table, pipeline, systemClock).put([letter], systemClock.now() + 60_000);
    const { pk, sk } = deadLetterKey(pipeline, place);
    await table.deleteAll([{ pk, sk: `${sk}#0001` }]);
    await expect(createDeadLetterReader(table, pipeline).load(place)).rejects.toMatchObject({ name: 'MissingItem' });
  });
}

function tableTests() {
  const number = (value: number) => ({ N: String(value) });

  it('is there at once when it is there already', async () => {
    await ensureTable(client, name);
    await expect(new Table(client, 'no-such-table', systemClock).get({ pk: 'p', sk: 's' })).rejects.toMatchObject({
      name: 'NotAllowed',
    });
  });

  it('answers an update with the whole item after it, and is refused without a trace', async () => {
    const key = { pk: uniqueId(), sk: 's' };
    await table.put({ ...keyOf(key), kept: { S: 'text' }, bytes: { B: Uint8Array.of(1, 255) }, count: number(9) });
    const change = { set: { count: 10, owner: 'me' }, given: { least: 9 }, condition: '#count <= :least' };
    const after = {
      ...keyOf(key),
      kept: { S: 'text' },
      bytes: { B: Uint8Array.of(1, 255) },
      count: number(10),
      owner: { S: 'me' },
    };
    expect(await table.update(key, change)).toEqual(after);
    expect(await table.update(key, { ...change, set: { owner: 'you' } })).toBe('refused');
    expect(await table.get(key)).toEqual(after);
  });

  it('has conditions of a missing item fail, unless they ask for its absence', async () => {
    const key = { pk: uniqueId(), sk: 's' };
    const set = { count: 1 };
    for (const condition of ['attribute_exists(#pk)', '#count = :one', '#count < :one', '#count >= :one']) {
      const given: Record<string, number> = condition.includes(':one') ? { one: 1 } : {};
      expect(await table.update(key, { set, given, condition })).toBe('refused');
    }
    expect(await table.get(key)).toBeUndefined();
    expect(await table.update(key, { set, given: {}, condition: 'attribute_not_exists(#pk)' })).toEqual({
      ...keyOf(key),
      count: number(1),
    });
  });

  it('gives a partition in order, page by page, and stops at a limit', async () => {
    const pk = uniqueId();
    const keys = Array.from({ length: 7 }, (_, index) => ({ pk, sk: `key-${index}` }));
    for (const key of [...keys].reverse()) await table.put({ ...keyOf(key), data: { B: randomBytes(350_000) } });
    const found = async (options: object) => {
      const sks = [];
      const where = { condition: 'sk BETWEEN :from AND :to', values: { ':from': 'key-1', ':to': 'key-5' } };
      for await (const item of table.query(pk, where, options)) sks.push([item.sk?.S, item.data?.B?.length]);
      return sks;
    };
    expect(await found({})).toEqual([1, 2, 3, 4, 5].map((index) => [`key-${index}`, 350_000]));
    expect(await found({ keysOnly: true, limit: 4 })).toEqual([1, 2, 3, 4].map((index) => [`key-${index}`, undefined]));
    const page = await client.send(
      new QueryCommand({
        TableName: name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
      }),
    );
    expect(page.LastEvaluatedKey).toEqual(keyOf(keys[page.Count! - 1]!));
    await table.deleteAll(keys);
    expect(await itemsOf(pk)).toEqual([]);
  });

  it('writes and deletes more than one batch holds', async () => {
    const pk = uniqueId();
    const keys = Array.from({ length: 60 }, (_, index) => ({ pk, sk: `key-${String(index).padStart(2, '0')}` }));
    await table.putAll(keys.map(keyOf));
    expect(await itemsOf(pk)).toEqual(keys.map(keyOf));
    await table.deleteAll(keys.slice(1));
    expect(await itemsOf(pk)).toEqual([keyOf(keys[0]!)]);
  });

  it('refuses for good what can never be stored', async () => {
    const key = { pk: uniqueId(), sk: 's' };
    const tooLarge = { ...keyOf(key), data: { B: new Uint8Array(410_000) } };
    for (const wrong of [
      tooLarge,
      keyOf({ ...key, sk: '' }),
      { pk: { S: key.pk } },
      { ...keyOf(key), v: { N: 'x' } },
    ]) {
      const name = wrong === tooLarge ? 'ItemTooLarge' : 'InvalidInput';
      await expect(table.put(wrong)).rejects.toMatchObject({ name });
      await expect(table.putAll([wrong])).rejects.toMatchObject({ name: 'InvalidInput' });
    }
  });
}

function unprocessedTests() {
  const slept: number[] = [];
  const clock: Clock = {
    ...systemClock,
    async sleep(ms) {
      slept.push(ms);
    },
  };
  const keys = (count: number, pk = uniqueId()) =>
    Array.from({ length: count }, (_, index) => ({ pk, sk: `key-${String(index).padStart(2, '0')}` }));

  it('are sent again after growing waits until none is left', async () => {
    const all = keys(60);
    service.leaveUnprocessed!((index) => index % 2 === 1);
    await new Table(client, name, clock, () => 1).putAll(all.map(keyOf));
    expect(await itemsOf(all[0]!.pk)).toEqual(all.map(keyOf));
    expect(slept.slice(0, 4)).toEqual([50, 100, 200, 400]);
    await new Table(client, name, clock, () => 1).deleteAll(all);
    expect(await itemsOf(all[0]!.pk)).toEqual([]);
  });

  it('are another try of the step when they stay', async () => {
    const all = keys(25);
    service.leaveUnprocessed!((index) => index === 0);
    await expect(new Table(client, name, clock, () => 1).putAll(all.map(keyOf))).rejects.toMatchObject({
      name: 'TemporaryFailure',
    });
    service.leaveUnprocessed!(() => false);
  });
}
