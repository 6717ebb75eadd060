/** Bodies of batches: `BATCH#<batch>#<ref>`. */

import type { BatchBody } from '../../core/model.ts';
import type { SealStore } from '../../ports/seal-store.ts';
import { fields, itemKind } from './item-kind.ts';
import { bodyKey } from './keys.ts';
import { loadNamed, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

const body = itemKind<BatchBody>('body', {
  1: fields({
    ...{ batchId: 'number', ref: 'number', generation: 'number', kind: 'text', consumerType: 'text' },
    ...{ previous: 'object', parallelism: 'number', fingerprint: 'text', watermarkOut: 'number or null' },
    ...{ latestWindowEnd: 'number or null', shards: 'list', blocks: 'list', counters: 'object' },
    ...{ caughtUp: 'true or false', backlog: 'true or false', shardsRead: 'number', failedShards: 'list' },
    ...{ failedTasks: 'number', tasksWithoutBlock: 'number', notesFrom: 'number', records: 'number' },
    ...{ outOfRange: 'number', bytes: 'number', millisBehindLatest: 'number', dataLoss: 'list' },
    ...{ lastDeliveryAt: 'number or null' },
  }),
});

export function createSealStore(storage: Storage): SealStore {
  const { pipeline } = storage;
  return {
    async putBody(sealed) {
      const key = bodyKey(pipeline, sealed.batchId, sealed.ref);
      return (await saveIfAbsent(body, key, sealed, storage)) === 'stored' ? sealed : loadNamed(body, key, storage);
    },
    loadBody: (batchId, ref) => loadNamed(body, bodyKey(pipeline, batchId, ref), storage),
  };
}
