/** What is in the table, read past all ports: at once, and without a request that a fault could strike. */

import { toHead } from '../../../functions/adapters/dynamodb/head-store.ts';
import { blockKey, bodyKey, progressKey, stateKey } from '../../../functions/adapters/dynamodb/keys.ts';
import { decode } from '../../../functions/adapters/dynamodb/packed-json.ts';
import type { BatchBody, BlockSummary, Head } from '../../../functions/core/model.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import type { SimulatedDynamodb, StoredItem } from '../services/dynamodb/simulated-dynamodb.ts';

export const pipelineName = 'sim';
export const tableName = 'sluice';

/** State as it is saved; what the reducer makes of it is not asked. */
export type StoredState = {
  readonly windows: readonly (readonly [
    readonly unknown[],
    readonly (readonly [number, number, readonly unknown[]])[],
  ])[];
};

export class Stored {
  readonly #dynamodb: SimulatedDynamodb;
  /** What was read once; stored bytes are never changed in place. */
  readonly #decoded = new WeakMap<Uint8Array, object>();

  constructor(dynamodb: SimulatedDynamodb) {
    this.#dynamodb = dynamodb;
  }

  head(): Head | undefined {
    const item = this.item({ pk: pipelineName, sk: 'HEAD' });
    return item === undefined ? undefined : toHead(item as never);
  }

  body(batchId: number, ref: number): BatchBody | undefined {
    const key = bodyKey(pipelineName, batchId, ref);
    const saved = this.#value<BatchBody & { readonly beside?: { readonly nonce: string; readonly chunks: number } }>(
      key,
    );
    if (saved?.beside === undefined) return saved;
    const { beside, ...body } = saved;
    const shards = this.#inChunks<BatchBody['shards']>(key, beside);
    return shards === undefined ? undefined : { ...body, shards };
  }

  progress(batchId: number, ref: number): BatchProgress | undefined {
    return this.#value(progressKey(pipelineName, batchId, ref));
  }

  block(task: number, batchId: number, ref: number): BlockSummary | undefined {
    return this.#value(blockKey(pipelineName, task, batchId, ref));
  }

  state(keyGroup: number, batchId: number, ref: number): StoredState | undefined {
    return this.#value(stateKey(pipelineName, keyGroup, batchId, ref));
  }

  item({ pk, sk }: { readonly pk: string; readonly sk: string }): StoredItem | undefined {
    return this.#dynamodb.item(tableName, pk, sk);
  }

  items(pk: string): readonly StoredItem[] {
    return this.#dynamodb.items(tableName, pk);
  }

  #value<Value>(key: { readonly pk: string; readonly sk: string }): Value | undefined {
    const root = this.item(key);
    if (root === undefined) return undefined;
    if (root.data?.B !== undefined) {
      const known = this.#decoded.get(root.data.B);
      if (known !== undefined) return known as Value;
      const value = decode(root.data.B) as Value;
      this.#decoded.set(root.data.B, value as object);
      return value;
    }
    return this.#inChunks(key, { nonce: root.nonce?.S ?? '', chunks: Number(root.chunks?.N ?? 0) });
  }

  #inChunks<Value>(
    key: { readonly pk: string; readonly sk: string },
    { nonce, chunks: count }: { readonly nonce: string; readonly chunks: number },
  ): Value | undefined {
    const chunks = Array.from({ length: count }, (_, at) =>
      this.item({ pk: key.pk, sk: `${key.sk}#${nonce}#${String(at).padStart(4, '0')}` }),
    );
    if (chunks.some((chunk) => chunk === undefined)) return undefined;
    return decode(Buffer.concat(chunks.map((chunk) => chunk!.data!.B!))) as Value;
  }
}
