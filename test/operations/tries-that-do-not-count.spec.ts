/** PURGE-5: what a command has put that ended before its seal, and what a rewind gave up, is named by nobody: no purge goes by it. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  memoryFolder,
  memoryNoteKey,
  padName,
  segmentFolder,
  shardPartsFolder,
  statePartition,
} from '../../functions/adapters/dynamodb/keys.ts';
import { openStorage, type Storage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { noFates } from '../../functions/core/dead-letter-tally.ts';
import type { BatchBody, BatchName, Head } from '../../functions/core/model.ts';
import type { PartName } from '../../functions/core/shard-parts.ts';
import { noManifest, type SegmentRef } from '../../functions/core/state/manifest.ts';
import type { OperatedPipeline } from '../../functions/operations/operated-pipeline.ts';
import { fork, rewind } from '../../functions/operations/savepoint.ts';
import type { Stores } from '../../functions/ports/ports.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { batchBody, headOf } from '../support/builders.ts';

const now = Date.UTC(2026, 10, 29);
let storage: Storage;
let stores: Stores;
let operated: OperatedPipeline;

beforeEach(async () => {
  const dynamodb = new SimulatedDynamodb({ now: () => now, random: new Random(1) });
  const client = serviceClient<DynamoDBClient>((...asked) => dynamodb.execute(asked[0], asked[1]), { date: () => now });
  await ensureTable(client, 'sluice');
  const clock = { now: () => now, sleep: async () => {} };
  let ids = 0;
  storage = openStorage({
    table: new Table(client, 'sluice', clock),
    ...{ pipeline: 'p', clock, newId: () => `id-${++ids}` },
  });
  stores = createStores(storage);
  operated = { ...stores, name: 'p', clock: storage.clock, newId: storage.newId };
});

const segment = { bytes: new Uint8Array([1, 2, 3]), index: 1, entries: 1, slices: [0, 0], digest: 'd' } as const;

async function putState(batch: BatchName, replaces?: BatchName): Promise<SegmentRef> {
  const put = await stores.segments.putSegment({ ...batch, keyGroup: 0 }, segment);
  const manifest = { runs: [{ level: 0, segments: [put] }] };
  await stores.states.putState(
    { ...batch, generation: 1, keyGroup: 0, manifest, fates: noFates, outputs: {}, steps: [] },
    { replaces, put: [put], dropped: [] },
  );
  return put;
}

const putBody = (body: BatchName & Partial<BatchBody>): Promise<unknown> => stores.seals.putBody(batchBody(body));

async function begin(head: Partial<Head>): Promise<void> {
  await stores.head.create(headOf({ pipeline: 'p', createdAt: 1, generation: 1, ...head }));
}

/** As a commit does that goes so far. */
async function purgeUpTo(oldestRetainedBatch: number): Promise<void> {
  const head = (await stores.head.load())!;
  await stores.purge({
    ...{ oldestRetainedBatch, from: 0, createdAt: head.createdAt, parallelism: 1, tasks: [0], deadline: now + 1 },
    ...{ givenUp: head.givenUp },
  });
}

async function namesIn(pk: string): Promise<readonly string[]> {
  const names: string[] = [];
  const everything = { condition: 'sk >= :from', values: { ':from': '0' } };
  for await (const { sk } of storage.table.query(pk, everything))
    names.push(sk!.S!.split('#').slice(0, 2).map(Number).join('#'));
  return names;
}

const killed = (): OperatedPipeline => ({
  ...operated,
  head: { ...stores.head, restore: () => new Promise(() => {}), release: () => Promise.reject(new Error('killed')) },
  seals: { ...stores.seals, putBody: () => Promise.reject(new Error('killed')) },
});

const first = { batchId: 0, ref: 6 };
const second = { batchId: 1, ref: 7 };
const resumed = { batchId: 2, ref: 7 };

describe('what a rewind has put that was killed before its seal', () => {
  it('takes no state along that an idle key group goes on with', async () => {
    await putState(first);
    const states = [{ ...first, ends: [10] }];
    await putBody({ ...first, states });
    await begin({ epoch: 6, committed: first, sealed: first });
    await expect(rewind(killed(), { of: operated, ...first })).rejects.toThrow('killed');
    // The pipeline is started instead; nothing comes for the group.
    await purgeUpTo(3);
    expect(await stores.states.loadState(0, 0, 6)).toBeDefined();
    expect(await namesIn(segmentFolder('p', 0))).toEqual(['0#6']);
    expect(await namesIn(statePartition('p', 0))).toEqual(['0#6']);
  });

  it('takes no segment along of the batch that it was to give up, and that was finished instead', async () => {
    await putState(first);
    await putBody({ ...first, states: [{ ...first, ends: [10] }] });
    await putState(second, first);
    await putBody({ ...second, previous: first, states: [{ ...second, ends: [10] }] });
    await putState(resumed, second);
    await begin({ epoch: 7, committed: second, sealed: resumed });
    await expect(rewind(killed(), { of: operated, ...first })).rejects.toThrow('killed');
    await purgeUpTo(4);
    expect(await namesIn(segmentFolder('p', 0))).toContain('2#7');
    expect(await namesIn(statePartition('p', 0))).toEqual(['2#7']);
  });
});

describe('what the commit of a batch has noted that a rewind gave up', () => {
  const memory = { digests: [] } as unknown as Parameters<Stores['memories']['putMemory']>[1];
  const [gaveUp, restored] = [
    { batchId: 2, ref: 7 },
    { batchId: 2, ref: 8 },
  ];

  it.each([
    ['before', [gaveUp, restored]],
    ['after', [restored, gaveUp]],
  ])('takes nothing along that the restored batch names, %s that was noted', async (_, order) => {
    const put = (batch: BatchName) => stores.memories.putMemory({ ...batch, task: 0 }, memory);
    const former = await put(second);
    const named = new Map([
      [gaveUp, await put(gaveUp)],
      [restored, await put(restored)],
    ]);
    for (const batch of order)
      await stores.memoryPurge.noteChanges(batch, {
        named: [named.get(batch)!],
        replaced: batch === gaveUp ? [] : [former],
      });
    await stores.memoryPurge.clear({ from: 2, upTo: 3, tasks: 1, deadline: now + 1 });
    expect(await namesIn(memoryFolder('p', 0))).toEqual(['2#8']);
    expect(await namesIn(memoryNoteKey('p', 2).pk)).toEqual([]);
  });

  it('of parts of checkpoints, too', async () => {
    const part = (batch: BatchName) => ({ ...batch, nonce: `of-${batch.ref}`, part: 0, chunks: 1, digest: 'd', v: 1 });
    const name = (batch: BatchName) => part(batch) as unknown as PartName;
    await stores.shardPartPurge.noteChanges(gaveUp, { named: [name(gaveUp)], replaced: [name(second)] });
    await stores.shardPartPurge.noteChanges(restored, { named: [name(restored)], replaced: [] });
    const pk = shardPartsFolder('p');
    const sk = ({ batchId, ref }: BatchName) => `${padName({ batchId, ref })}#of-${ref}#0#0000`;
    for (const batch of [second, gaveUp, restored]) await storage.table.put({ pk: { S: pk }, sk: { S: sk(batch) } });
    await stores.shardPartPurge.clear({ oldestRetainedBatch: 3, deadline: now + 1 });
    expect(await namesIn(pk)).toEqual(['1#7', '2#8']);
  });
});

describe('what is left of a pipeline that had the name of a fork', () => {
  it('takes no state of the fork along, and goes', async () => {
    await putState(first);
    await putState(second, first);
    const of = createStores({ ...storage, pipeline: 'other' });
    const source = { ...operated, ...of, name: 'other' };
    await of.states.putState(
      { ...first, generation: 1, keyGroup: 0, manifest: noManifest, fates: noFates, outputs: {}, steps: [] },
      { replaces: undefined, put: [], dropped: [] },
    );
    await of.seals.putBody(batchBody({ ...first, states: [{ ...first, ends: [10] }] }));
    const head = headOf({ pipeline: 'other', createdAt: 1, committed: first, sealed: first, epoch: 6 });
    const { body } = await fork(operated, { of: source, ...first }, head);
    expect((await stores.head.load())!.sources.main.startedAt).toBe(1);
    await purgeUpTo(3);
    expect(await stores.states.loadState(0, body.batchId, body.ref)).toBeDefined();
    expect(await namesIn(statePartition('p', 0))).toEqual([`0#${body.ref}`]);
    expect(await namesIn(segmentFolder('p', 0))).toEqual([]);
  });
});
