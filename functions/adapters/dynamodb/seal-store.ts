/**
 * Bodies of batches: `BATCH#<batch>#<ref>`. Reducers read the root, which names what they need. The checkpoints of many
 * shards are parts beside it, so that forty reducers do not read those of twenty thousand shards each. They are put first, under
 * the nonce of the try, and the root says which ones count: two tries of a seal never mix, whatever came between them.
 */
import { isKept } from '../../core/kept-partials.ts';
import type { BatchBody, BatchName, SealedBatch } from '../../core/model.ts';
import type { ShardCheckpoint } from '../../core/shard-checkpoint.ts';
import { divideShards, type PartName, partChanges, shardsIn } from '../../core/shard-parts.ts';
import type { SealStore } from '../../ports/seal-store.ts';
import { textIn } from './item.ts';
import { fields, itemKind } from './item-kind.ts';
import { bodyKey, gatheredBlob, padBatch, partialsFolder, partialsName } from './keys.ts';
import type { NamesIn } from './named-blobs.ts';
import { encode } from './packed-json.ts';
import { loadNamed, loadWhole, saveIfAbsent } from './saved-value.ts';
import { createShardPartStore, type SavedParts, savedParts } from './shard-part-store.ts';
import type { Storage } from './storage.ts';
import type { Key } from './table.ts';

type SavedBody = SealedBatch & SavedShards;
type SavedShards = {
  /** Null: they lie beside it. */
  readonly shards: readonly ShardCheckpoint[] | null;
  readonly parts?: SavedParts;
  readonly replacedParts?: readonly PartName[];
};

const readBody = fields<SavedBody>({
  ...{ batchId: 'number', ref: 'number', generation: 'number', kind: 'text', consumerType: 'text' },
  ...{ previous: 'object or null', parallelism: 'number', fingerprint: 'text' },
  ...{ watermarkIn: 'number or null', watermarkOut: 'number or null' },
  ...{ states: 'list', shards: 'list or null', blocks: 'list', counters: 'object' },
  ...{ caughtUp: 'true or false', backlog: 'true or false', shardsRead: 'number', failedShards: 'list' },
  ...{ failedTasks: 'number', tasksWithoutBlock: 'number', notesFrom: 'number', records: 'number' },
  ...{ resentElsewhere: 'number', bytes: 'number', millisBehindLatest: 'number', dataLoss: 'list' },
  ...{ lastDeliveryAt: 'number or null' },
});

const bodyKind = itemKind<SavedBody>('body', { 1: readBody, 2: readBody });
/** One that says nothing of dead letters is read by code that knows nothing of them; from another it would lose the position. */
const withoutLetters = itemKind<SavedBody>('body', { 1: readBody });

/** More shards than that fit into no body, whatever is known of them. */
const leastBytesOfShard = 8;

/** What lies apart of its blocks, and what they keep. Its own checkpoints may be named by the next body, too. */
export const namesOfBody =
  (storage: Storage): NamesIn =>
  async (key, root) => {
    const { pipeline } = storage;
    const { batchId, ref, blocks, gathered } = await loadWhole(bodyKind, key, root, storage);
    const partials = blocks.flatMap(({ task, nonce, groups }) =>
      groups.flatMap((group) => {
        if (isKept(group)) return [];
        const { keyGroup, part, chunks, digest } = group;
        const name = partialsName(ref, task, nonce, part);
        return [{ folder: partialsFolder(pipeline, batchId, keyGroup), name, chunks, digest }];
      }),
    );
    return gathered === undefined
      ? partials
      : [...partials, { ...gatheredBlob(pipeline, { batchId, ref, nonce: gathered.nonce }), ...gathered }];
  };

export function createSealStore(storage: Storage): SealStore {
  const { pipeline, blobs, shardParts: sizes } = storage;
  const parts = createShardPartStore(storage);
  const { mostInBody = blobs.mostOfPart } = sizes;
  const whole = async ({ parts: saved, shards, ...sealed }: SavedBody): Promise<BatchBody> => {
    if (saved === undefined) return { ...sealed, shards: shards ?? [] };
    const loaded = await parts.load(saved);
    return { ...sealed, shards: shardsIn(loaded), parts: loaded };
  };
  const load = async (key: Key): Promise<BatchBody> => whole(await loadNamed(bodyKind, key, storage));
  const isSmall = ({ shards }: BatchBody): boolean =>
    shards.length * leastBytesOfShard <= mostInBody && encode(shards).length <= mostInBody;
  return {
    async putBody(sealed, previous) {
      const key = bodyKey(pipeline, sealed.batchId, sealed.ref);
      const before = previous?.parts;
      const own = isSmall(sealed) ? undefined : await parts.put(sealed, divideShards(before, sealed.shards, sizes));
      const { replaced } = partChanges(before, own);
      const notes = replaced.length === 0 ? {} : { replacedParts: replaced };
      const saved = { ...sealed, ...notes, ...(own === undefined ? {} : { shards: null, parts: savedParts(own) }) };
      const body = sealed.redrive === undefined ? withoutLetters : bodyKind;
      if ((await saveIfAbsent(body, key, saved, storage)) !== 'stored') return load(key);
      return { ...sealed, ...notes, ...(own === undefined ? {} : { parts: own }) };
    },
    loadBody: (batchId, ref) => load(bodyKey(pipeline, batchId, ref)),
    async bodiesIn({ from, upTo }) {
      const where = {
        condition: 'sk BETWEEN :from AND :to',
        values: { ':from': `BATCH#${padBatch(from)}`, ':to': `BATCH#${padBatch(upTo)}#~` },
      };
      const found: BatchName[] = [];
      for await (const item of storage.table.query(pipeline, where, { keysOnly: true })) {
        const [, batchId, ref, ...beside] = textIn(item, 'sk').split('#');
        if (beside.length === 0) found.push({ batchId: Number(batchId), ref: Number(ref) });
      }
      return found;
    },
    async loadSealed(batchId, ref) {
      const key = bodyKey(pipeline, batchId, ref);
      const { shards: _, parts: __, replacedParts: ___, ...sealed } = await loadNamed(bodyKind, key, storage);
      return sealed;
    },
  };
}
