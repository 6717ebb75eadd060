/** Bodies of batches: `BATCH#<batch>#<ref>`. */
import type { SealStore } from '../../ports/seal-store.ts';
import { bodyKey } from './keys.ts';
import { loadNamed, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

export function createSealStore(storage: Storage): SealStore {
  const { pipeline } = storage;
  return {
    async putBody(body) {
      const key = bodyKey(pipeline, body.batchId, body.ref);
      return (await saveIfAbsent(key, body, storage)) === 'stored' ? body : loadNamed(key, storage);
    },
    loadBody: (batchId, ref) => loadNamed(bodyKey(pipeline, batchId, ref), storage),
  };
}
