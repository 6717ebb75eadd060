/** The protocol's table of items: names as `keys.ts` makes them, and which of them expire when, as they are written. */
import { describe, expect, test } from 'vitest';
import { createSweep } from '../../functions/adapters/dynamodb/bucket-sweep.ts';
import * as keys from '../../functions/adapters/dynamodb/keys.ts';
import { createSavepointIndex } from '../../functions/adapters/dynamodb/savepoint-index.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { type Item, maxChunkBytes, type Table } from '../../functions/adapters/dynamodb/table.ts';
import { newTrial } from '../../functions/core/row-trial.ts';
import { createMemoryBucket } from '../../local/services/memory-bucket.ts';
import { checkpoint } from '../support/builders.ts';
import { readDocument, section, tableIn } from './documents.ts';

const now = Date.UTC(2026, 10, 22);
const pipeline = 'departures';
const [batch, ref, task, group, chunk, sub] = [7, 1_000, 3, 2, 0, 5];
const generation = 900;
const [nonce, output, source, shard, sequence] = ['n0nce', 'main', 'main', 'shardId-000000000001', '4968'];
const savepoint = 'before';
const request = 'r3quest';

/** A table that only remembers what was put into it. */
function recordingTable(): { readonly table: Table; readonly items: Item[] } {
  const items: Item[] = [];
  const put = async (item: Item) => void items.push(item);
  const fake = {
    chunkBytes: maxChunkBytes,
    get: async () => undefined,
    put,
    putIfAbsent: async (item: Item) => {
      await put(item);
      return 'stored';
    },
    putIfHigher: async (item: Item) => {
      await put(item);
      return 'stored';
    },
    putAll: async (all: readonly Item[]) => void items.push(...all),
    putSome: async (all: readonly Item[]) => {
      items.push(...all);
      return { unwritten: [], error: undefined };
    },
    update: async (key: { pk: string; sk: string }) => {
      await put({ pk: { S: key.pk }, sk: { S: key.sk } });
      return 'refused';
    },
  };
  return { table: fake as unknown as Table, items };
}

async function everyItem(): Promise<Item[]> {
  const { table, items } = recordingTable();
  const clock = { now: () => now, sleep: async () => {} };
  const shardParts = { mostInBody: 0, ofGroup: 1, ofChanges: 1 };
  // All that may be put is put.
  const apart = { shardParts, passesPlans: false, mostKeptInBody: 0 };
  const stores = createStores(openStorage({ table, pipeline, clock, newId: () => nonce, ...apart }));
  const named = { batchId: batch, ref, task, nonce };
  await stores.head.release(ref, 'me');
  await stores.deathNotes.putNote(ref, task, {
    source,
    shardId: shard,
    place: { sequenceNumber: sequence, sub },
    isEvent: true,
  });
  await stores.plans.putPlan(named as never, [{ ...named, shards: [] } as never]);
  const [windows, open] = [[[['a'], []]] as never, { ends: [] }];
  const part = { ...named, part: 0 };
  const parts = [await stores.blocks.putPart(part, new Map([[group, { windows, open }]]))];
  await stores.blocks.putBlock(named as never, new Map(), parts);
  const kept = { ...named, kept: [[]], groups: [{ keyGroup: group, v: 1, bytes: 1, ends: [] }] };
  await stores.blocks.putKept({ ...named, blocks: [kept] }, [kept as never]);
  await stores.seals.putBody({ ...named, shards: [checkpoint(shard)] } as never);
  await stores.shardPartPurge.noteChanges({ batchId: batch, ref }, { named: [], replaced: [] });
  const around = { replaces: undefined, put: [], dropped: [] };
  await stores.states.putState({ ...named, keyGroup: group } as never, around);
  await stores.segments.putSegment({ batchId: batch, ref, keyGroup: group }, { bytes: Buffer.of(1) } as never);
  await stores.outboxNotes.putSent({ batchId: batch, ref, keyGroup: group }, { main: { count: 1, ahead: [] } });
  await stores.fileNames.putFiles({ batchId: batch, ref, keyGroup: group }, output, { bucket: 'b', files: [] });
  await stores.rows.putStep({ batchId: batch, ref, keyGroup: group }, sub, {
    rows: [{ kind: 'filtered' }],
    refused: [],
  });
  await stores.rows.putTrial({ batchId: batch, ref, keyGroup: group }, newTrial);
  await stores.sentPlaces.putSentNote({ generation, ref, task, shards: [] });
  await stores.memories.putMemory({ batchId: batch, ref, task }, { rows: [], events: [] });
  await createSweep(openStorage({ table, pipeline, clock, newId: () => nonce, bucket: createMemoryBucket() }))({
    below: batch,
    deadline: now,
  });
  const [madeAt, committedAt] = [now, now];
  await createSavepointIndex(openStorage({ table, pipeline, clock, newId: () => nonce })).put({
    ...{ name: savepoint, batchId: batch, ref, committedAt, madeAt, entries: 1, bytes: 1, bucket: null },
  });
  await stores.memoryPurge.noteChanges({ batchId: batch, ref }, { named: [], replaced: [] });
  await stores.outboxNotes.putRefused({ batchId: batch, ref, keyGroup: group }, 1);
  await stores.reports.putProgress(named as never);
  await stores.troubles.putTrouble({ kind: 'reduce', batchId: batch, ref, since: now, at: now, left: 0, groups: [] });
  await stores.troubles.putTrouble({ kind: 'read', ref, task, at: now, failed: 0, shards: [] });
  const place = { source, shardId: shard, sequenceNumber: sequence, subSequenceNumber: sub };
  await stores.letterLists.putLists(named, { dead: [place], taken: [] });
  await stores.letterLists.putBatch({ batchId: batch, ref, tasks: [{ task, nonce }] });
  await stores.letterLists.putRequest(request, [place]);
  await stores.deadLetters.put(
    [
      {
        source,
        shardId: shard,
        sequenceNumber: sequence,
        subSequenceNumber: sub,
        partitionKey: 'k',
        arrivalTime: now,
        reason: 'invalid-json',
        message: '',
        payload: new Uint8Array(1),
      },
    ],
    now,
  );
  return items;
}

/** `<batch>` and the like, filled in. */
function filled(template: string): string {
  const small = (value: number) => String(value).padStart(5, '0');
  const letterKey = keys.deadLetterKey(pipeline, {
    ...{ source, shardId: shard, sequenceNumber: sequence, subSequenceNumber: sub },
  });
  const values: Record<string, string> = {
    pipeline,
    generation: keys.padRef(generation),
    batch: keys.padBatch(batch),
    ref: keys.padRef(ref),
    task: small(task),
    group: small(group),
    ...{ nonce, savepoint, output, request },
    chunk: keys.padChunk(chunk),
    part: small(0),
    source,
    shard,
    sequence: sequence.padStart(56, '0'),
    sub: letterKey.sk.split('#').at(-1)!,
    bucket: letterKey.pk.split('/').at(-1)!,
  };
  return template.replaceAll('`', '').replace(/<(\w+)>/g, (_, name: string) => values[name] ?? `<${name}>`);
}

function expiryOf(item: Item): string {
  if (item.expires?.N === undefined) return 'never';
  return `after ${(Number(item.expires.N) * 1000 - now) / 86_400_000} days`;
}

describe('the table of items', () => {
  const rows = tableIn(section(readDocument('docs/protocol.md'), '## Items'));

  test('names every item that is written, and no other', async () => {
    const written = (await everyItem()).map(({ pk, sk }) => `${pk!.S} / ${sk!.S}`);
    const told = rows.map(([, pk, sk]) => `${filled(pk!)} / ${filled(sk!)}`);
    expect(told.toSorted()).toEqual([...new Set(written)].toSorted());
  });

  test('says when they expire', async () => {
    const written = new Map((await everyItem()).map((item) => [`${item.pk!.S} / ${item.sk!.S}`, expiryOf(item)]));
    for (const [name, pk, sk, , expires] of rows) {
      const told = expires!.replace('no TTL; purged', 'never').replace(/day$/, 'days');
      expect(told, name).toBe(written.get(`${filled(pk!)} / ${filled(sk!)}`));
    }
  });
});
