/**
 * Deletes parts of the checkpoints of many shards, by the notes of commits: `<pipeline>/shards`, `<batch>`.
 *
 * A part is named by the batch that has put it and by any number of those behind it, until one names it no more: then no later
 * one does. (Of a batch that was noted and then given up the note of the later try takes the place.) That one's note says so, and once it is no longer retained, nor is any that named the part (P1). What other tries of the batch
 * have put was never named: it lies under the batch's number, and not under the try that its note names. In a bucket that is left to the sweep.
 */
import type { PartChanges, PartName } from '../../core/shard-parts.ts';
import type { ShardPartPurge } from '../../ports/shard-part-purge.ts';
import { textIn } from './item.ts';
import { fields, itemKind } from './item-kind.ts';
import { padBatch, padName, shardNoteKey, shardNotesPartition, shardPartBlob, shardPartsFolder } from './keys.ts';
import { deleteRoots, seenOf } from './named-blobs.ts';
import { loadSaved, saveOfLastTry } from './saved-value.ts';
import type { Storage } from './storage.ts';
import type { Item, Key } from './table.ts';

const note = itemKind<PartChanges>('note of shards', { 1: fields({ named: 'list', replaced: 'list' }) });

export function createShardPartPurge(storage: Storage): ShardPartPurge {
  const { pipeline, table, blobs, clock } = storage;
  return {
    async noteChanges({ batchId, ref }, changes) {
      await saveOfLastTry(note, shardNoteKey(pipeline, batchId), changes, { ...storage, ref });
    },
    async clear({ oldestRetainedBatch, deadline }) {
      const folder = shardNotesPartition(pipeline);
      const notes = await keysBetween(storage, folder, ['0', padBatch(oldestRetainedBatch)]);
      // Chunks of a note lie behind it, under its name.
      for (const key of notes.filter(({ sk }) => !sk.includes('#') && sk < padBatch(oldestRetainedBatch))) {
        if (clock.now() >= deadline) return;
        const changes = await loadSaved(note, key, storage);
        // Another purge was here.
        if (changes === undefined) continue;
        await table.deleteAll(await orphansOf(storage, Number(key.sk), changes.named));
        await blobs.delete(changes.replaced.map((part) => ({ ...part, ...shardPartBlob(pipeline, part) })));
        // Last: what is to go is found by it alone.
        await deleteRoots(storage, key.pk, await itemsBetween(storage, key.pk, [key.sk, `${key.sk}#~`]));
      }
    },
  };
}

/** A query is billed by what it passes over, so what the batch names is not passed over. */
async function orphansOf(storage: Storage, batchId: number, [named]: readonly PartName[]): Promise<readonly Key[]> {
  const folder = shardPartsFolder(storage.pipeline);
  const [first, last] = [`${padBatch(batchId)}#`, `${padBatch(batchId)}#~`];
  if (named === undefined) return keysBetween(storage, folder, [first, last]);
  const own = `${padName(named)}#${named.nonce}#`;
  const before = await keysBetween(storage, folder, [first, own]);
  return [...before, ...(await keysBetween(storage, folder, [`${own}~`, last]))];
}

const keysBetween = async (storage: Storage, pk: string, range: readonly [string, string]): Promise<Key[]> =>
  (await itemsBetween(storage, pk, range)).map((item) => ({ pk, sk: textIn(item, 'sk') }));

/** Both included. */
async function itemsBetween(storage: Storage, pk: string, [from, to]: readonly [string, string]): Promise<Item[]> {
  const found: Item[] = [];
  const where = { condition: 'sk BETWEEN :from AND :to', values: { ':from': from, ':to': to } };
  for await (const item of storage.table.query(pk, where, seenOf(storage))) found.push(item);
  return found;
}
