/**
 * Objects go with what names them (PURGE-4, NAMES-1, NAMES-2), and those that nothing names by a sweep (SWEEP-1, SWEEP-2, KEEPER-1): on the
 * simulated DynamoDB and a bucket in memory, with a clock that is put on.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSweep } from '../../functions/adapters/dynamodb/bucket-sweep.ts';
import { openStorage, type Storage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { noFates } from '../../functions/core/dead-letter-tally.ts';
import type { KeyGroupState } from '../../functions/core/reduction.ts';
import type { NamedMemory } from '../../functions/core/repeats/named-memory.ts';
import { namesOf, type PartName } from '../../functions/core/shard-parts.ts';
import type { SegmentRef } from '../../functions/core/state/manifest.ts';
import type { Stores } from '../../functions/ports/ports.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { createMemoryBucket, type MemoryBucket } from '../../local/services/memory-bucket.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { batchBody, block, checkpoint } from '../support/builders.ts';

const dayMs = 86_400_000;
const ref = 7;
let now: number;
let bucket: MemoryBucket;
let storage: Storage;
let stores: Stores;

beforeEach(async () => {
  now = Date.UTC(2026, 10, 28);
  const clock = { now: () => now, sleep: async () => {} };
  const dynamodb = new SimulatedDynamodb({ now: clock.now, random: new Random(1) });
  const client = serviceClient<DynamoDBClient>((...asked) => dynamodb.execute(asked[0], asked[1]), { date: clock.now });
  await ensureTable(client, 'sluice');
  bucket = createMemoryBucket(clock.now);
  let ids = 0;
  const table = new Table(client, 'sluice', clock);
  const large = { bucket, leastObjectBytes: 10, mostKeptInBody: 0 };
  storage = openStorage({ table, pipeline: 'p', clock, newId: () => `id-${++ids}`, ...large });
  stores = createStores(storage);
});

const text = (size = 300) =>
  Array.from({ length: size }, (_, at) => String.fromCharCode(97 + ((at * at) % 23))).join('');
const windows = () => [[[text()], [[0, 1, [1]]]]] as never;
const record = { partitionKey: 'k', explicitHashKey: undefined, data: text() };
const memories: NamedMemory[] = [];
const parts: (readonly PartName[])[] = [];

const stateOf = (batchId: number, segments: readonly SegmentRef[] = []): KeyGroupState => ({
  ...{ batchId, ref, generation: 1, keyGroup: 0, fates: noFates, outputs: {}, steps: [] },
  manifest: { runs: [{ level: 0, segments }], inline: { pages: [[0, 1, text()]] } },
});

async function putSegment(batchId: number): Promise<SegmentRef> {
  const facts = { bytes: new Uint8Array(100), index: 1, entries: 1, slices: [0, 0] } as never;
  return stores.segments.putSegment({ batchId, ref, keyGroup: 0 }, facts);
}

/** A batch with an object of each kind. */
async function putBatch(batchId: number, replaces: number | undefined): Promise<void> {
  const partials = { windows: windows(), open: { ends: [1] } };
  const small = { windows: [[['k'], []]] as never, open: { ends: [1] } };
  const summary = { ...block(0, []), batchId, ref, nonce: `block-${batchId}`, failedShards: [text()] as never };
  await stores.blocks.putBlock(
    summary,
    new Map([
      [0, partials],
      [1, small],
    ]),
  );
  const blocks = await stores.blocks.loadBlocks(batchId, ref, 1);
  const named = await stores.memories.putMemory({ batchId, ref, task: 0 }, { rows: [text()], events: [] } as never);
  memories[batchId] = named;
  const shards = [{ ...checkpoint('shard-1'), memories: [named] }];
  const sealed = batchBody({ batchId, ref, blocks, shards, fingerprint: text() });
  const kept = await stores.blocks.putKept(sealed, blocks);
  const body = await stores.seals.putBody({ ...sealed, ...kept });
  parts[batchId] = namesOf(body.parts!);
  const rows = [{ kind: 'output', records: [{ output: 'main', record }] }] as const;
  await stores.rows.putStep({ batchId, ref, keyGroup: 0 }, 0, { rows, refused: [] });
  const file = { bucket: 'b', files: [{ key: text(), rows: 1 }] } as never;
  await stores.fileNames.putFiles({ batchId, ref, keyGroup: 0 }, 'main', file);
  const around = { put: [], dropped: [], ...(replaces === undefined ? {} : { replaces: { batchId: replaces, ref } }) };
  await stores.states.putState(stateOf(batchId), around as never);
  const replaced = replaces === undefined ? [] : [memories[replaces]!];
  await stores.memoryPurge.noteChanges({ batchId, ref }, { named: [named], replaced });
  const replacedParts = replaces === undefined ? [] : parts[replaces]!;
  await stores.shardPartPurge.noteChanges({ batchId, ref }, { named: parts[batchId]!, replaced: replacedParts });
}

const purge = async (oldestRetainedBatch: number, from = 0) => {
  const deadline = now + 60_000;
  const bounds = { oldestRetainedBatch, from, createdAt: 1, parallelism: 1, tasks: [0], deadline };
  await stores.memoryPurge.clear({ from, upTo: oldestRetainedBatch, tasks: 1, deadline });
  await stores.shardPartPurge.clear({ oldestRetainedBatch, deadline });
  return (await stores.purge(bounds)).purgedBelow;
};

/** Batch and kind of each object. */
const kinds = () =>
  [...bucket.objects.keys()].sort().map((key) =>
    key
      .split('/')
      .slice(1, 3)
      .join(' ')
      .replace(/^0+(?=\d)/, ''),
  );
/** Partials, rows, names of files. A block expires, and is none. */
const blocksOf = ['blocks', 'blocks', 'blocks'];
/** A body, and what blocks keep. */
const all = ['BATCH', 'BATCH', ...blocksOf, 'memories', 'memories', 'shards', 'shards', 'state'];
const of = (...batches: number[]) => batches.flatMap((batch) => all.map((kind) => `${batch} ${kind}`));

describe('a purge', () => {
  it('takes the objects of a batch with the items that name them, and no others', async () => {
    await putBatch(0, undefined);
    await putBatch(1, 0);
    await putBatch(2, 1);
    expect(kinds()).toEqual(of(0, 1, 2));
    expect(await purge(2)).toBe(2);
    // What memories and checkpoints of batch 1 have been replaced by, batch 2 says.
    expect(kinds()).toEqual(['1 memories', '1 shards', ...of(2)]);
    expect(await stores.states.loadState(0, 2, ref)).toEqual(stateOf(2));
    expect(await purge(3, 2)).toBe(3);
    expect(kinds()).toEqual(['2 memories', '2 shards', '2 state']);
  });

  it('takes the objects of a key group that there is no more, however old they are (FORMER-1)', async () => {
    const name = { batchId: 0, ref, keyGroup: 1 };
    const facts = { bytes: new Uint8Array(100), index: 1, entries: 1, slices: [0, 0] } as never;
    const segment = await stores.segments.putSegment(name, facts);
    // It has long been dropped by what says that it has made it.
    await stores.states.putState(
      { ...stateOf(1, [segment]), keyGroup: 1 },
      { replaces: undefined, put: [], dropped: [] },
    );
    expect(kinds()).toEqual(['0 segments', '1 state']);
    const bounds = { createdAt: 1, parallelism: 1, tasks: [0], deadline: now + 60_000 };
    const formerGroups = { least: 1, most: 2, until: 2 };
    await stores.purge({ ...bounds, oldestRetainedBatch: 2, from: 1, formerGroups });
    expect(kinds()).toEqual(['0 segments', '1 state']);
    await stores.purge({ ...bounds, oldestRetainedBatch: 3, from: 2, formerGroups });
    expect(kinds()).toEqual([]);
  });

  it('that ended between an object and its item is gone on with', async () => {
    await putBatch(0, undefined);
    await putBatch(1, 0);
    const values = [...bucket.objects.keys()].filter((key) => /\/0{12}\/(blocks\/00000\/0+7\/id|BATCH)/.test(key));
    expect(values).toHaveLength(2);
    await bucket.delete(values);
    expect(await purge(1)).toBe(1);
    // Partials of a block that can't be read any more went before it, or are left to the sweep.
    expect(kinds().filter((kind) => kind.startsWith('0 '))).toEqual(['0 blocks', '0 memories', '0 shards']);
  });
});

describe('a sweep', () => {
  const sweep = (below: number, ms = 60_000) => createSweep(storage)({ below, deadline: now + ms });
  const orphan = (kind: string, batch = 0, name = 'lost') =>
    bucket.putIfAbsent(
      `p/${String(batch).padStart(12, '0')}/${kind}/00000/0000000000000007/${name}`,
      new Uint8Array(1),
    );

  it('takes what is a day old, below what was purged, and named by nothing', async () => {
    await putBatch(0, undefined);
    await putBatch(1, undefined);
    for (const kind of ['state', 'memories', 'shards/parts', 'blocks', 'BATCH']) await orphan(kind);
    await purge(1);
    const before = kinds();
    expect(before).toEqual([
      '0 BATCH',
      '0 blocks',
      ...['memories', 'memories', 'shards', 'shards', 'state', 'state'].map((x) => `0 ${x}`),
      ...of(1),
    ]);
    now += dayMs - 5_000;
    expect(await sweep(1)).toEqual({ deleted: 0 });
    now += dayMs;
    expect(await sweep(1)).toEqual({ deleted: 7 });
    // Of batch 0 its state stays, which none has replaced. Its memory and checkpoints are named by no body any more.
    expect(kinds()).toEqual(['0 state', ...of(1)]);
    expect(await stores.states.loadState(0, 0, ref)).toEqual(stateOf(0));
  });

  it('leaves what the first retained body still names, and all while that is unknown', async () => {
    await putBatch(0, undefined);
    const first = await stores.seals.loadBody(0, ref);
    await orphan('memories');
    await orphan('shards/parts');
    now += 2 * dayMs;
    expect(await sweep(2)).toEqual({ deleted: 5 });
    const before = ['memories', 'memories', 'memories', 'shards', 'shards', 'shards', 'state'];
    expect(kinds()).toEqual(before.map((kind) => `0 ${kind}`));
    const body = await stores.seals.putBody(batchBody({ batchId: 2, ref, shards: first.shards }), first);
    expect(body.parts!.groups).toEqual(first.parts!.groups);
    now += 2 * dayMs;
    expect(await sweep(2)).toEqual({ deleted: 3 });
    expect((await stores.seals.loadBody(2, ref)).shards).toEqual(first.shards);
    expect(await stores.memories.loadMemory(memories[0]!)).toEqual({ rows: [text()], events: [] });
  });

  it('leaves the segments that the state of a group names, whatever batch they are of, and takes those of lost tries', async () => {
    const [old, newer, retained] = [await putSegment(0), await putSegment(3), await putSegment(6)];
    for (const lost of [0, 3, 6]) await putSegment(lost);
    const put = (batchId: number, segments: readonly SegmentRef[]) =>
      stores.states.putState(stateOf(batchId, segments), { put: [], dropped: [] } as never);
    await put(3, [old, newer]);
    await put(6, [old, newer, retained]);
    now += 2 * dayMs;
    expect(await sweep(5)).toEqual({ deleted: 2 });
    const left = () => kinds().filter((kind) => kind.endsWith('segments'));
    expect(left()).toEqual(['0 segments', '3 segments', '6 segments', '6 segments']);
    // Others have gone on: the state as of batch 5 is gone, and the one behind names what is needed.
    await storage.table.deleteAll([{ pk: 'p/state/00000', sk: '000000000003#0000000000000007' }]);
    await putSegment(4);
    now += 2 * dayMs;
    expect((await sweep(5)).deleted).toBe(2);
    expect(left()).toEqual(['0 segments', '3 segments', '6 segments', '6 segments']);
  });

  it('leaves what is no object of a blob, and kinds that it does not know', async () => {
    for (const key of ['p/readme', 'p/000000000000/other/00000/x', 'q/000000000000/blocks/00000/x'])
      await bucket.putIfAbsent(key, new Uint8Array(1));
    now += 2 * dayMs;
    expect(await sweep(1)).toEqual({ deleted: 0 });
    expect(bucket.objects.size).toBe(3);
  });

  it('goes on where its time ended, and is over once a day', async () => {
    for (let at = 0; at < 2_500; at++) await orphan('blocks', at % 50, `lost-${at}`);
    now += 2 * dayMs;
    let pages = 0;
    const { list } = bucket;
    storage = { ...storage, bucket: { ...bucket, list: (from) => list(from).finally(() => (pages += 1)) } };
    expect([await sweep(60, 0), await sweep(60, 0)]).toEqual([{ deleted: 1_000 }, { deleted: 1_000 }]);
    expect(await sweep(60, 0)).toEqual({ deleted: 500 });
    expect([await sweep(60, 0), pages]).toEqual([{ deleted: 0 }, 3]);
    now += dayMs;
    await sweep(60);
    expect(pages).toBe(4);
  });
});
