/**
 * Blocks: a root `<pipeline>/blocks/<task>`, which names the partial aggregates of each key group. These are blobs,
 * whatever their size: one query reads those of all tasks of a group.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { Carried } from '../../core/carried.ts';
import type { SavedPartials } from '../../core/group-partials.ts';
import type { BlockGroup, BlockSummary } from '../../core/model.ts';
import type { SavedKey } from '../../core/saved-windows.ts';
import type { BlockStore } from '../../ports/block-store.ts';
import { fields, itemKind, list, readAs } from './item-kind.ts';
import { blockKey, partialsFolder, partialsName, partialsPrefix } from './keys.ts';
import type { NamesIn } from './named-blobs.ts';
import { decode, encode } from './packed-json.ts';
import { fromSavedOutput, type SavedOutput, toSavedOutput } from './saved-output.ts';
import { loadSaved, loadWhole, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

const atOnce = 10;

const block = itemKind<BlockSummary>('block', {
  1: fields({
    ...{ ref: 'number', batchId: 'number', task: 'number', nonce: 'text', shards: 'list', failedShards: 'list' },
    ...{ groups: 'list', counters: 'object' },
  }),
});

type StoredPartials = Pick<SavedPartials, 'windows'> & { readonly carried: readonly StoredCarried[] };
type StoredCarried = Omit<Carried, 'record'> & { readonly record: SavedOutput };

/** Where nothing is carried, the form that needs no name for what is not there. */
const [windowsAlone, withCarried] = [1, 2];
const ofWindows = list<SavedKey>();
const partials = itemKind<StoredPartials>('partial aggregate', {
  [windowsAlone]: (json) => {
    const windows = ofWindows(json);
    return windows && { windows, carried: [] };
  },
  [withCarried]: fields({ windows: 'list', carried: 'list' }),
});

function toStored({ windows, carried = [] }: SavedPartials): { readonly v: number; readonly json: unknown } {
  if (carried.length === 0) return { v: windowsAlone, json: windows };
  const stored = carried.map((each): StoredCarried => ({ ...each, record: toSavedOutput(each.record) }));
  return { v: withCarried, json: { windows, carried: stored } satisfies StoredPartials };
}

const fromStored = ({ windows, carried }: StoredPartials): SavedPartials =>
  carried.length === 0
    ? { windows }
    : { windows, carried: carried.map((each) => ({ ...each, record: fromSavedOutput(each.record) })) };

/** The partial aggregates of its groups. */
export const namesOfBlock =
  (storage: Storage): NamesIn =>
  async (key, root) => {
    const { batchId, ref, task, nonce, groups } = await loadWhole(block, key, root, storage);
    const name = partialsName(ref, task, nonce);
    return groups.map(({ keyGroup, chunks, digest }) => {
      return { folder: partialsFolder(storage.pipeline, batchId, keyGroup), name, chunks, digest };
    });
  };

export function createBlockStore(storage: Storage): BlockStore {
  const { pipeline, blobs } = storage;
  return {
    async putBlock(summary, byGroup) {
      const { batchId, ref, task, nonce } = summary;
      const groups: BlockGroup[] = [];
      for (const [keyGroup, { open, ...saved }] of byGroup) {
        const { v, json } = toStored(saved);
        const blob = { folder: partialsFolder(pipeline, batchId, keyGroup), name: partialsName(ref, task, nonce) };
        // The query is billed by the sum of their sizes.
        groups.push({ keyGroup, v, ...(await blobs.put(blob, encode(json, { plainBytes: 0 }), { v })), ...open });
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
        fromStored(readAs(partials, { v, json: decode(all[at]!) }, { pk: from.folder, sk: name })),
      );
    },
  };
}
