/**
 * Deletes all that a savepoint has in table and bucket.
 *
 * REMOVE-1 What was put by a command that has not ended is found as well: nothing is looked up in what is stored, but all partitions that a batch
 *    writes to are, and all objects below the name.
 * REMOVE-2 The head goes last: while anything is left, whoever comes next finds it, and goes on.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { textIn } from './item.ts';
import { headKey, memoryFolder, segmentFolder, shardPartsFolder, statePartition } from './keys.ts';
import type { Storage } from './storage.ts';
import type { Key } from './table.ts';
import { maxBatch } from './write-batches.ts';

/** The most that a pipeline may have of key groups, and of tasks, and a gathering step. */
const mostParts = 41;
const atOnce = 20;

/** `storage`: of the savepoint. Returns how much there was. */
export async function removeSavepoint(storage: Storage): Promise<{ readonly items: number; readonly objects: number }> {
  const { pipeline } = storage;
  const objects = await removeObjects(storage);
  const numbers = Array.from({ length: mostParts }, (_, at) => at);
  const partitions = [
    ...numbers.flatMap((at) => [statePartition(pipeline, at), segmentFolder(pipeline, at), memoryFolder(pipeline, at)]),
    ...[shardPartsFolder(pipeline), pipeline],
  ];
  const removed = await inParallel(partitions, atOnce, (pk) => clearPartition(storage, pk));
  await storage.table.deleteAll([headKey(pipeline)]);
  return { items: removed.reduce((all, each) => all + each, 1), objects };
}

async function clearPartition({ table, pipeline }: Storage, pk: string): Promise<number> {
  const head = headKey(pipeline);
  let found: Key[] = [];
  let removed = 0;
  const flush = async (): Promise<void> => {
    await table.deleteAll(found);
    removed += found.length;
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
  return removed;
}

async function removeObjects({ bucket, pipeline }: Storage): Promise<number> {
  if (bucket === undefined) return 0;
  const prefix = `${pipeline}/`;
  let removed = 0;
  for (let after = ''; ; ) {
    const { objects, isLast } = await bucket.list({ prefix, after });
    await bucket.delete(objects.map(({ key }) => key));
    removed += objects.length;
    if (isLast || objects.length === 0) return removed;
    after = objects.at(-1)!.key;
  }
}
