/**
 * Bodies of batches: `BATCH#<batch>#<ref>`. Reducers read the root, which names what they need. The checkpoints of many
 * shards are a blob beside it, so that forty reducers do not read those of twenty thousand shards each. It is put first, under
 * the nonce of the try, and the root says which one counts: two tries of a seal never mix, whatever came between them.
 */
import type { BatchBody, SealedBatch } from '../../core/model.ts';
import type { ShardCheckpoint } from '../../core/shard-checkpoint.ts';
import type { StoredBlob } from '../../ports/blobs.ts';
import type { SealStore } from '../../ports/seal-store.ts';
import { fields, itemKind, list, readAs } from './item-kind.ts';
import { bodyKey } from './keys.ts';
import type { NamesIn } from './named-blobs.ts';
import { decode, encode } from './packed-json.ts';
import { blobOf, loadNamed, loadWhole, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';
import type { Key } from './table.ts';

type SavedBody = SealedBatch & SavedShards;
type SavedShards = {
  /** Null: they lie beside it. */
  readonly shards: readonly ShardCheckpoint[] | null;
  readonly beside?: StoredBlob & { readonly v: number; readonly nonce: string };
};

const body = itemKind<SavedBody>('body', {
  1: fields({
    ...{ batchId: 'number', ref: 'number', generation: 'number', kind: 'text', consumerType: 'text' },
    ...{ previous: 'object or null', parallelism: 'number', fingerprint: 'text' },
    ...{ watermarkIn: 'number or null', watermarkOut: 'number or null' },
    ...{ states: 'list', shards: 'list or null', blocks: 'list', counters: 'object' },
    ...{ caughtUp: 'true or false', backlog: 'true or false', shardsRead: 'number', failedShards: 'list' },
    ...{ failedTasks: 'number', tasksWithoutBlock: 'number', notesFrom: 'number', records: 'number' },
    ...{ resentElsewhere: 'number', bytes: 'number', millisBehindLatest: 'number', dataLoss: 'list' },
    ...{ lastDeliveryAt: 'number or null' },
  }),
});

const checkpoints = itemKind<readonly ShardCheckpoint[]>('list of checkpoints', { 1: list() });

/** Its checkpoints, where they lie beside it. What it names of memories is theirs to say who purge those. */
export const namesOfBody =
  (storage: Storage): NamesIn =>
  async (key, root) => {
    const { beside } = await loadWhole(body, key, root, storage);
    return beside === undefined ? [] : [{ ...blobOf(key, beside.nonce), chunks: beside.chunks, digest: beside.digest }];
  };

export function createSealStore(storage: Storage): SealStore {
  const { pipeline } = storage;
  const load = async (key: Key): Promise<BatchBody> => whole(await loadNamed(body, key, storage), key, storage);
  return {
    async putBody(sealed) {
      const key = bodyKey(pipeline, sealed.batchId, sealed.ref);
      const saved = { ...sealed, ...(await saveShards(sealed, key, storage)) };
      return (await saveIfAbsent(body, key, saved, storage)) === 'stored' ? sealed : load(key);
    },
    loadBody: (batchId, ref) => load(bodyKey(pipeline, batchId, ref)),
    async loadSealed(batchId, ref) {
      const { shards: _, beside: __, ...sealed } = await loadNamed(body, bodyKey(pipeline, batchId, ref), storage);
      return sealed;
    },
  };
}

async function saveShards({ shards }: BatchBody, key: Key, { blobs, newId }: Storage): Promise<SavedShards> {
  const bytes = encode(shards);
  if (bytes.length <= blobs.mostOfPart) return { shards };
  const nonce = newId();
  const { version: v } = checkpoints;
  return { shards: null, beside: { v, nonce, ...(await blobs.put(blobOf(key, nonce), bytes, { v })) } };
}

async function whole({ beside, shards, ...sealed }: SavedBody, key: Key, { blobs }: Storage): Promise<BatchBody> {
  if (beside === undefined) return { ...sealed, shards: shards ?? [] };
  const json = decode(await blobs.get({ ...blobOf(key, beside.nonce), ...beside }));
  return { ...sealed, shards: readAs(checkpoints, { v: beside.v, json }, key) };
}
