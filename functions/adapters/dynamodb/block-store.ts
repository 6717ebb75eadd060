/**
 * Blocks: a root `<pipeline>/blocks/<task>`, which names the partial aggregates of each key group. These are blobs,
 * whatever their size: one query reads those of all tasks of a group.
 */
import { inParallel } from '../../core/in-parallel.ts';
import type { BlockGroup, BlockSummary } from '../../core/model.ts';
import type { SavedWindows } from '../../core/window-table.ts';
import type { BlockStore } from '../../ports/block-store.ts';
import { blockKey, partialsFolder, partialsName, partialsPrefix } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

const atOnce = 10;

export function createBlockStore(storage: Storage): BlockStore {
  const { pipeline, blobs } = storage;
  return {
    async putBlock(summary, partials) {
      const { batchId, ref, task, nonce, v } = summary;
      const groups: BlockGroup[] = [];
      for (const [keyGroup, windows] of partials) {
        const blob = { folder: partialsFolder(pipeline, batchId, keyGroup), name: partialsName(ref, task, nonce) };
        // The query is billed by the sum of their sizes.
        groups.push({ keyGroup, ...(await blobs.put(blob, encode(windows, { plainBytes: 0 }), { v })) });
      }
      const block: BlockSummary = { ...summary, groups };
      return saveIfAbsent(blockKey(pipeline, task, batchId, ref), block, storage);
    },
    async loadBlocks(batchId, ref, taskCount) {
      const tasks = Array.from({ length: taskCount }, (_, task) => task);
      const blocks = await inParallel(tasks, atOnce, (task) =>
        loadSaved<BlockSummary>(blockKey(pipeline, task, batchId, ref), storage),
      );
      return blocks.filter((block) => block !== undefined);
    },
    async loadPartials({ batchId, ref, blocks }, keyGroup) {
      const named = blocks.flatMap(({ task, nonce, groups }) => {
        const group = groups.find((candidate) => candidate.keyGroup === keyGroup);
        return group === undefined ? [] : [{ name: partialsName(ref, task, nonce), ...group }];
      });
      // Blobs that the body does not name belong to lost tries, and are passed over.
      const from = { folder: partialsFolder(pipeline, batchId, keyGroup), prefix: partialsPrefix(ref) };
      return (await blobs.getAll(from, named)).map((bytes) => decode<SavedWindows>(bytes));
    },
  };
}
