/**
 * Deletes all that a pipeline, or a savepoint, has in table and bucket.
 *
 * REMOVE-1 What was put by a command that has not ended is found as well: nothing is looked up in what is stored, but all partitions that a batch
 *    writes to are, and all objects below the name.
 * REMOVE-2 The head goes last: while anything is left, whoever comes next finds it, and goes on.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { textIn } from './item.ts';
import {
  blockPartition,
  deadLetterPartitions,
  headKey,
  letterListsPartition,
  memoryFolder,
  memoryNotesPartition,
  partialsFolder,
  segmentFolder,
  sentNotesPartition,
  shardNotesPartition,
  shardPartsFolder,
  statePartition,
} from './keys.ts';
import type { Storage } from './storage.ts';
import type { Key } from './table.ts';
import { maxBatch } from './write-batches.ts';

/** The most that a pipeline may have of key groups, and of tasks, and a gathering step. */
const mostParts = 41;
const atOnce = 20;
const numbers = Array.from({ length: mostParts }, (_, at) => at);

export type Removed = { readonly items: number; readonly objects: number };

/**
 * `batches`: those that may have anything that lies under their number, and how many key groups they have at most, with the gathering step. Absent
 * of a savepoint: its one batch has nothing there.
 */
export type WhatIsThere = {
  readonly batches?: { readonly from: number; readonly upTo: number; readonly groups: number };
};

/** What lies in one place is of one kind, for people. */
type Place = { readonly kind: KindOfItem; readonly pk: string };
export type KindOfItem = 'state' | 'batches' | 'dead letters' | 'records known' | 'shards' | 'head, reports and plans';

function placesOf(pipeline: string, { batches }: WhatIsThere): readonly Place[] {
  const count = batches === undefined ? 0 : batches.upTo - batches.from + 1;
  const batchIds = Array.from({ length: count }, (_, at) => batches!.from + at);
  const groups = numbers.slice(0, batches?.groups);
  const places = (kind: KindOfItem, pks: readonly string[]): Place[] => pks.map((pk) => ({ kind, pk }));
  return [
    ...places(
      'state',
      numbers.flatMap((at) => [statePartition(pipeline, at), segmentFolder(pipeline, at)]),
    ),
    ...places(
      'batches',
      batchIds.flatMap((batchId) => groups.map((at) => partialsFolder(pipeline, batchId, at))),
    ),
    ...(batches === undefined
      ? []
      : [
          ...places('batches', [...numbers.map((at) => blockPartition(pipeline, at)), sentNotesPartition(pipeline)]),
          // Requests of redrives, which have names, expire by themselves.
          ...places('dead letters', [...deadLetterPartitions(pipeline), letterListsPartition(pipeline)]),
        ]),
    ...places('records known', [...numbers.map((at) => memoryFolder(pipeline, at)), memoryNotesPartition(pipeline)]),
    ...places('shards', [shardPartsFolder(pipeline), shardNotesPartition(pipeline)]),
    ...places('head, reports and plans', [pipeline]),
  ];
}

/** `storage`: of the savepoint. Returns how much there was. */
export const removeSavepoint = (storage: Storage): Promise<Removed> => removePipeline(storage, {});

export async function removePipeline(storage: Storage, there: WhatIsThere): Promise<Removed> {
  const { pipeline } = storage;
  const objects = await eachPage(storage, (keys) => storage.bucket!.delete(keys));
  const removed = await inParallel(placesOf(pipeline, there), atOnce, ({ pk }) =>
    eachItem(storage, pk, (keys) => storage.table.deleteAll(keys)),
  );
  await storage.table.deleteAll([headKey(pipeline)]);
  return { items: removed.reduce((all, each) => all + each, 1), objects };
}

export type CountedItems = { readonly items: Readonly<Partial<Record<KindOfItem, number>>>; readonly objects: number };

/** What `removePipeline` would delete. */
export async function countItems(storage: Storage, there: WhatIsThere): Promise<CountedItems> {
  const places = placesOf(storage.pipeline, there);
  const counts = await inParallel(places, atOnce, ({ pk }) => eachItem(storage, pk, async () => {}));
  const items: Partial<Record<KindOfItem, number>> = {};
  for (const [at, { kind, pk }] of places.entries()) {
    const count = counts[at]! + (pk === storage.pipeline ? 1 : 0);
    if (count > 0) items[kind] = (items[kind] ?? 0) + count;
  }
  return { items, objects: await eachPage(storage, async () => {}) };
}

/** But for the head. Returns how many there were. */
async function eachItem(
  { table, pipeline }: Storage,
  pk: string,
  act: (keys: readonly Key[]) => Promise<void>,
): Promise<number> {
  const head = headKey(pipeline);
  let found: Key[] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    await act(found);
    count += found.length;
    found = [];
  };
  for await (const item of table.query(
    pk,
    { condition: 'sk >= :from', values: { ':from': '0' } },
    { keysOnly: true },
  )) {
    const key = { pk, sk: textIn(item, 'sk') };
    if (pk !== head.pk || key.sk !== head.sk) found.push(key);
    if (found.length >= maxBatch) await flush();
  }
  await flush();
  return count;
}

async function eachPage(
  { bucket, pipeline }: Storage,
  act: (keys: readonly string[]) => Promise<unknown>,
): Promise<number> {
  if (bucket === undefined) return 0;
  const prefix = `${pipeline}/`;
  let count = 0;
  for (let after = ''; ; ) {
    const { objects, isLast } = await bucket.list({ prefix, after });
    await act(objects.map(({ key }) => key));
    count += objects.length;
    if (isLast || objects.length === 0) return count;
    after = objects.at(-1)!.key;
  }
}
