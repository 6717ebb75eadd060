/**
 * Memories of shards: blobs in `<pipeline>/memories/<task>`, named by batch, ref and a nonce. There is no root but the body
 * of the batch, which an executor's block has given the name.
 */
import type { NamedMemory } from '../../core/repeats/named-memory.ts';
import type { SavedMemory } from '../../core/repeats/shard-memory.ts';
import type { MemoryStore } from '../../ports/memory-store.ts';
import { fields, itemKind, readAs } from './item-kind.ts';
import { memoryBlob } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import type { Storage } from './storage.ts';

const memory = itemKind<SavedMemory>('memory of a shard', { 1: fields({ rows: 'list', events: 'list' }) });

export function createMemoryStore({
  pipeline,
  blobs,
  newId,
}: Pick<Storage, 'pipeline' | 'blobs' | 'newId'>): MemoryStore {
  return {
    async putMemory({ batchId, ref, task }, saved) {
      const name = { batchId, ref, task, nonce: newId() };
      const { version: v } = memory;
      return { ...name, v, ...(await blobs.put(memoryBlob(pipeline, name), encode(saved), { v })) };
    },
    async loadMemory(named: NamedMemory) {
      const blob = memoryBlob(pipeline, named);
      const json = decode(await blobs.get({ ...blob, ...named }));
      return readAs(memory, { v: named.v, json }, { pk: blob.folder, sk: blob.name });
    },
  };
}
