/**
 * Blocks: a root `<pipeline>/blocks/<task>`, which names the partial aggregates of each key group. These are blobs,
 * whatever their size: one query reads those of all tasks of a group.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { Carried } from '../../core/carried.ts';
import type { BlockGroup, CountedPartials, SavedPartials } from '../../core/group-partials.ts';
import type { BlockSummary } from '../../core/model.ts';
import type { SavedKey } from '../../core/saved-windows.ts';
import type { BlockStore } from '../../ports/block-store.ts';
import { fields, itemKind, list, readAs } from './item-kind.ts';
import { blockKey, partialsFolder, partialsName, partialsPrefix } from './keys.ts';
import type { NamesIn } from './named-blobs.ts';
import { decode, encode, encodeList } from './packed-json.ts';
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

function toStored({ windows, carried = [] }: Omit<CountedPartials, 'open'>): { v: number; bytes: Uint8Array } {
  if (carried.length === 0) return { v: windowsAlone, bytes: encodeList(windows) };
  const stored = carried.map((each): StoredCarried => ({ ...each, record: toSavedOutput(each.record) }));
  const json: StoredPartials = { windows: [...windows], carried: stored };
  // The query is billed by the sum of their sizes.
  return { v: withCarried, bytes: encode(json, { plainBytes: 0 }) };
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
    return groups.map(({ keyGroup, part, chunks, digest }) => {
      const name = partialsName(ref, task, nonce, part);
      return { folder: partialsFolder(storage.pipeline, batchId, keyGroup), name, chunks, digest };
    });
  };

export function createBlockStore(storage: Storage): BlockStore {
  const { pipeline, blobs } = storage;
  const putPart: BlockStore['putPart'] = async ({ batchId, ref, task, nonce, part }, byGroup) => {
    const groups: BlockGroup[] = [];
    const name = partialsName(ref, task, nonce, part);
    for (const [keyGroup, { open, ...saved }] of byGroup) {
      const { v, bytes } = toStored(saved);
      const stored = await blobs.put({ folder: partialsFolder(pipeline, batchId, keyGroup), name }, bytes, { v });
      groups.push({ keyGroup, ...(part === 0 ? {} : { part }), v, ...stored, bytes: bytes.length, ...open });
    }
    return groups;
  };
  return {
    putPart,
    async putBlock(summary, byGroup, parts = []) {
      const { batchId, ref, task } = summary;
      const groups = [...parts.flat(), ...(await putPart({ ...summary, part: parts.length }, byGroup))];
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
      const named = blocks.flatMap(({ task, nonce, groups }) =>
        groups
          .filter((group) => group.keyGroup === keyGroup)
          .map((group) => ({ name: partialsName(ref, task, nonce, group.part), ...group })),
      );
      // Blobs that the body does not name belong to lost tries, and are passed over.
      const from = { folder: partialsFolder(pipeline, batchId, keyGroup), prefix: partialsPrefix(ref) };
      const all = await blobs.getAll(from, named);
      return named.map(({ v, name }, at) =>
        fromStored(readAs(partials, { v, json: decode(all[at]!) }, { pk: from.folder, sk: name })),
      );
    },
  };
}
