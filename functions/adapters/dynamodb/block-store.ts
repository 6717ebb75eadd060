/**
 * Blocks: a root `<pipeline>/blocks/<task>`, which names the partial aggregates of each key group. These are blobs,
 * whatever their size: one query reads those of all tasks of a group.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { BlockGroup, BlockSummary } from '../../core/model.ts';
import type { SavedWindows } from '../../core/saved-windows.ts';
import type { BlockStore } from '../../ports/block-store.ts';
import { fields, itemKind, list, readAs } from './item-kind.ts';
import { blockKey, partialsFolder, partialsName, partialsPrefix } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

const atOnce = 10;

const block = itemKind<BlockSummary>('block', {
  1: fields({
    ...{ ref: 'number', batchId: 'number', task: 'number', nonce: 'text', shards: 'list', failedShards: 'list' },
    ...{ groups: 'list', counters: 'object' },
  }),
});

const partials = itemKind<SavedWindows>('partial aggregate', { 1: list() });

export function createBlockStore(storage: Storage): BlockStore {
  const { pipeline, blobs } = storage;
  return {
    async putBlock(summary, byGroup) {
      const { batchId, ref, task, nonce } = summary;
      const v = partials.version;
      const groups: BlockGroup[] = [];
      for (const [keyGroup, { windows, open }] of byGroup) {
        const blob = { folder: partialsFolder(pipeline, batchId, keyGroup), name: partialsName(ref, task, nonce) };
        // The query is billed by the sum of their sizes.
        groups.push({ keyGroup, v, ...(await blobs.put(blob, encode(windows, { plainBytes: 0 }), { v })), ...open });
      }
      return saveIfAbsent(block, blockKey(pipeline, task, batchId, ref), { ...summary, groups }, storage);
    },
    async loadBlocks(batchId, ref, taskCount) {
      const tasks = Array.from({ length: taskCount }, (_, task) => task);
      const blocks = await inParallel(tasks, atOnce, (task) =>
        loadSaved(block, blockKey(pipeline, task, batchId, ref), storage),
      );
      return blocks.filter((found) => found !== undefined);
    },
    async loadPartials({ batchId, ref, blocks }, keyGroup) {
      const named = blocks.flatMap(({ task, nonce, groups }) => {
        const group = groups.find((candidate) => candidate.keyGroup === keyGroup);
        return group === undefined ? [] : [{ name: partialsName(ref, task, nonce), ...group }];
      });
      // Blobs that the body does not name belong to lost tries, and are passed over.
      const from = { folder: partialsFolder(pipeline, batchId, keyGroup), prefix: partialsPrefix(ref) };
      const all = await blobs.getAll(from, named);
      return named.map(({ v, name }, at) =>
        readAs(partials, { v, json: decode(all[at]!) }, { pk: from.folder, sk: name }),
      );
    },
  };
}
