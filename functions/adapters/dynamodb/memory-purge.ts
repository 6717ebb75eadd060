/**
 * Deletes memories of shards, by the notes of commits: `<pipeline>/memories`, `<batch>`.
 *
 * A seal alone knows what its batch named for good; two seals of one batch may differ, and the one that lost may name what the
 * other does not. So the commit, which has the body that counts, notes what changed, before it commits (NAMED-3). Of a batch that was noted and then given up
 * by a rewind the note of the later try takes the place (RESTORE-3). Once no
 * retained batch is older than a batch, what that one has replaced goes, and what its tries have stored and it does not name; in a bucket that
 * is left to the sweep.
 *
 * LOOKED-1 Of many tasks a purge has no time to look at the folders of all: the next one of this process goes on behind those that were looked at.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { MemoryChanges, NamedMemory } from '../../core/repeats/named-memory.ts';
import type { MemoryPurge } from '../../ports/memory-purge.ts';
import { chunkKeys } from './chunked-blobs.ts';
import { textIn } from './item.ts';
import { fields, itemKind } from './item-kind.ts';
import { memoryBlob, memoryFolder, memoryNoteKey, padBatch } from './keys.ts';
import { deleteRoots, seenOf } from './named-blobs.ts';
import { loadSaved, saveOfLastTry } from './saved-value.ts';
import type { Storage } from './storage.ts';
import type { Item, Key } from './table.ts';

/** Of tasks. */
const atOnce = 40;

const note = itemKind<MemoryChanges>('note of memories', { 1: fields({ named: 'list', replaced: 'list' }) });

export function createMemoryPurge(storage: Storage): MemoryPurge {
  const { pipeline, table, blobs, clock } = storage;
  const chunksOf = (memory: NamedMemory): Key[] => chunkKeys({ ...memory, ...memoryBlob(pipeline, memory) });
  const orphansOf = async (
    batchId: number,
    tasks: readonly number[],
    named: readonly NamedMemory[],
  ): Promise<Key[]> => {
    const kept = new Set(named.flatMap(chunksOf).map(({ pk, sk }) => `${pk} ${sk}`));
    const stored = await inParallel(tasks, atOnce, async (task): Promise<Key[]> => {
      const folder = memoryFolder(pipeline, task);
      const items = await itemsFrom(storage, folder, `${padBatch(batchId)}#`);
      return items.map((item) => ({ pk: folder, sk: textIn(item, 'sk') }));
    });
    return stored.flat().filter(({ pk, sk }) => !kept.has(`${pk} ${sk}`));
  };
  let looked = { batchId: -1, tasks: 0 };
  /** False: there was no time for all. */
  const clearOrphans = async (
    batchId: number,
    named: readonly NamedMemory[],
    { tasks, deadline }: { readonly tasks: number; readonly deadline: number },
  ): Promise<boolean> => {
    for (let first = looked.batchId === batchId ? looked.tasks : 0; first < tasks; first += atOnce) {
      if (clock.now() >= deadline) return false;
      const some = Array.from({ length: Math.min(atOnce, tasks - first) }, (_, at) => first + at);
      await table.deleteAll(await orphansOf(batchId, some, named));
      looked = { batchId, tasks: first + atOnce };
    }
    return true;
  };
  return {
    async noteChanges({ batchId, ref }, changes) {
      await saveOfLastTry(note, memoryNoteKey(pipeline, batchId), changes, { ...storage, ref });
    },
    async clear({ from, upTo, tasks, deadline }) {
      for (let batchId = from; batchId < upTo; batchId++) {
        if (clock.now() >= deadline) return batchId;
        const key = memoryNoteKey(pipeline, batchId);
        const changes = await loadSaved(note, key, storage);
        // Another purge was here, or nobody looked for repeats then. It never means that nothing was named.
        if (changes === undefined) continue;
        if (!(await clearOrphans(batchId, changes.named, { tasks, deadline }))) return batchId;
        await blobs.delete(changes.replaced.map((memory) => ({ ...memory, ...memoryBlob(pipeline, memory) })));
        // Last: what is to go is found by it alone. With its chunks, and with those of other tries.
        await deleteRoots(storage, key.pk, await itemsFrom(storage, key.pk, key.sk));
      }
      return upTo;
    },
  };
}

async function itemsFrom(storage: Storage, pk: string, prefix: string): Promise<Item[]> {
  const found: Item[] = [];
  const where = { condition: 'begins_with(sk, :prefix)', values: { ':prefix': prefix } };
  for await (const item of storage.table.query(pk, where, seenOf(storage))) found.push(item);
  return found;
}
