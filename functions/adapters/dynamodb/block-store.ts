/**
 * Blocks: a root `<pipeline>/blocks/<task>`, which keeps small partial aggregates (KEPT-1) and names the others of each key group. These are
 * blobs: one query reads those of all tasks of a group.
 *
 * BLOCK-1 A root is read until its batch is sealed, and for the report: the seal puts what roots keep into a value that the body names, and the
 *    body names all else. So it expires as the plan that it belongs to does, and nobody pays for its delete.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { isKept } from '../../core/kept-partials.ts';
import type { BlockStore, StoredBlock } from '../../ports/block-store.ts';
import { loadGathered, putGathered } from './gathered-partials.ts';
import { fields, itemKind } from './item-kind.ts';
import { blockKey, partialsFolder, partialsName, partialsPrefix } from './keys.ts';
import { decode } from './packed-json.ts';
import { planDays } from './plan-store.ts';
import { putAllApart, putWithBlock } from './put-partials.ts';
import { readPartials } from './saved-partials.ts';
import { loadSaved, saveIfAbsent } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';

/** Each is in a partition of its own. */
const atOnce = 40;

const block = itemKind<StoredBlock>('block', {
  1: fields({
    ...{ ref: 'number', batchId: 'number', task: 'number', nonce: 'text', shards: 'list', failedShards: 'list' },
    ...{ groups: 'list', counters: 'object' },
  }),
});

export function createBlockStore(storage: Storage): BlockStore {
  const { pipeline, blobs } = storage;
  return {
    putPart: (part, byGroup) => putAllApart(part, byGroup, storage),
    async putBlock(summary, byGroup, parts = []) {
      const { batchId, ref, task } = summary;
      const { groups: last, ...kept } = await putWithBlock({ ...summary, part: parts.length }, byGroup, storage);
      const groups = [...parts.flat(), ...last];
      const to = { ...storage, expires: inDays(storage, planDays) };
      return saveIfAbsent(block, blockKey(pipeline, task, batchId, ref), { ...summary, groups, ...kept }, to);
    },
    async loadBlocks(batchId, ref, taskCount) {
      const tasks = Array.from({ length: taskCount }, (_, task) => task);
      const blocks = await inParallel(tasks, atOnce, (task) =>
        loadSaved(block, blockKey(pipeline, task, batchId, ref), storage),
      );
      return blocks.filter((found) => found !== undefined);
    },
    putKept(body, blocks) {
      const byTask = new Map(blocks.map(({ task, kept = [] }) => [task, kept]));
      return putGathered(body, (task) => byTask.get(task) ?? [], storage);
    },
    async loadPartials({ batchId, ref, blocks, kept, gathered }, keyGroup) {
      const named = blocks.flatMap(({ task, nonce, groups }) =>
        groups
          .filter((group) => group.keyGroup === keyGroup)
          .map((group) => ({ name: partialsName(ref, task, nonce, group.part), group })),
      );
      const apart = named.flatMap(({ name, group }) => (isKept(group) ? [] : [{ name, ...group }]));
      const count = named.length - apart.length;
      // Blobs that the body does not name belong to lost tries, and are passed over.
      const from = { folder: partialsFolder(pipeline, batchId, keyGroup), prefix: partialsPrefix(ref) };
      const [inBlobs, inBlocks] = await Promise.all([
        blobs.getAll(from, apart),
        loadGathered({ batchId, ref, kept, gathered }, { keyGroup, count }, storage),
      ]);
      const jsons = { apart: inBlobs.values(), kept: inBlocks.values() };
      return named.map(({ name, group }) => {
        const json = isKept(group) ? jsons.kept.next().value : decode(jsons.apart.next().value!);
        return readPartials(group, json, { pk: from.folder, sk: name });
      });
    },
  };
}
