/** What is in the table, read past all ports: at once, and without a request that a fault could strike. */

import { toHead } from '../../../functions/adapters/dynamodb/head-item.ts';
import {
  blockKey,
  bodyKey,
  gatheredBlob,
  padChunk,
  partialsFolder,
  partialsName,
  progressKey,
  requestPartKey,
  segmentFolder,
  shardPartBlob,
  stateKey,
  taskKey,
  troubleKey,
} from '../../../functions/adapters/dynamodb/keys.ts';
import { decode, encode, encodeList } from '../../../functions/adapters/dynamodb/packed-json.ts';
import { fromSavedShards, type SavedShards } from '../../../functions/adapters/dynamodb/saved-shards.ts';
import { blobOf } from '../../../functions/adapters/dynamodb/saved-value.ts';
import type { SavedParts } from '../../../functions/adapters/dynamodb/shard-part-store.ts';
import { objectKeyOf } from '../../../functions/adapters/s3/object-key.ts';
import { statePacking } from '../../../functions/adapters/state-packing.ts';
import type { AggregateFunction } from '../../../functions/aggregates/aggregate-function.ts';
import { isKept } from '../../../functions/core/kept-partials.ts';
import type { BatchBody, BlockSummary, Head } from '../../../functions/core/model.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import type { KeyGroupState } from '../../../functions/core/reduction.ts';
import type { SavedWindows } from '../../../functions/core/saved-windows.ts';
import { type ChangesOfShards, type PartName, shardsIn } from '../../../functions/core/shard-parts.ts';
import { keysOf } from '../../../functions/core/state/keys-of-state.ts';
import { namedBy, type SegmentRef } from '../../../functions/core/state/manifest.ts';
import { type LoadedRange, SegmentReader } from '../../../functions/core/state/reading.ts';
import { leastEntries } from '../../../functions/core/state/state-memory.ts';
import type { Trouble } from '../../../functions/core/trouble.ts';
import { type BlobName, inBucket } from '../../../functions/ports/blobs.ts';
import type { SimulatedDynamodb, StoredItem } from '../services/dynamodb/simulated-dynamodb.ts';
import type { SimulatedObject } from '../services/s3/simulated-bucket.ts';

export const pipelineName = 'sim';
export const tableName = 'sluice';

/** State as it is saved; what the reducer makes of it is not asked. */
export type StoredState = Pick<KeyGroupState, 'manifest' | 'steps' | 'fingerprint'>;

type SavedTask = {
  readonly shards: SavedShards;
  readonly named: readonly { readonly ids: readonly unknown[] }[];
  readonly letters?: object;
};

type PartialsOfBlock = {
  readonly nonce: string;
  readonly group: BatchBody['blocks'][number]['groups'][number];
};

export class Stored {
  readonly #dynamodb: SimulatedDynamodb;
  readonly #bucket: ReadonlyMap<string, SimulatedObject>;
  /** What was read once; stored bytes are never changed in place. */
  readonly #decoded = new WeakMap<Uint8Array, object>();
  /** By epoch: tasks that are no items. */
  readonly #passed = new Map<number, SavedTask>();

  constructor(dynamodb: SimulatedDynamodb, bucket: ReadonlyMap<string, SimulatedObject> = new Map()) {
    this.#dynamodb = dynamodb;
    this.#bucket = bucket;
  }

  head(): Head | undefined {
    const item = this.item({ pk: pipelineName, sk: 'HEAD' });
    return item === undefined ? undefined : toHead(item as never);
  }

  body(batchId: number, ref: number): BatchBody | undefined {
    const key = bodyKey(pipelineName, batchId, ref);
    const saved = this.#value<Omit<BatchBody, 'parts'> & { readonly parts?: SavedParts }>(key);
    if (saved?.parts === undefined) return saved as BatchBody | undefined;
    const { parts, ...body } = saved;
    const groups = parts.groups.map((name) => this.#part(name));
    const changes = parts.changes === null ? null : this.#part(parts.changes);
    if (changes === undefined || !groups.every((group) => group !== undefined)) return undefined;
    const all = { groups, ...(changes === null ? {} : { changes }) };
    return { ...body, shards: shardsIn(all), parts: all };
  }

  #part(name: PartName): (ChangesOfShards & { readonly name: PartName }) | undefined {
    const bytes = this.#bytes(shardPartBlob(pipelineName, name), name.chunks);
    if (bytes === undefined) return undefined;
    const { gone = [], ...saved } = decode(bytes) as SavedShards & { readonly gone?: readonly string[] };
    return { name, shards: fromSavedShards(saved) as BatchBody['shards'], gone };
  }

  /** A plan that is no item. */
  passedOn(ref: number, plan: string): void {
    const [, task] = decode(Buffer.from(plan, 'base64url')) as readonly [unknown, (readonly [number, SavedTask])?];
    if (task !== undefined) this.#passed.set(ref, task[1]);
  }

  #task(ref: number, task: number): SavedTask | undefined {
    return this.#value(taskKey(pipelineName, ref, task)) ?? (task === 0 ? this.#passed.get(ref) : undefined);
  }

  /** Shards that a task names in parts. */
  namedBy(ref: number, task: number): number {
    const saved = this.#task(ref, task);
    return saved?.named.reduce((sum, { ids }) => sum + ids.length, 0) ?? 0;
  }

  progress(batchId: number, ref: number): BatchProgress | undefined {
    return this.#value(progressKey(pipelineName, batchId, ref));
  }

  /** Places of letters that a request names. */
  requested(request: string): readonly (readonly [shardId: string, sequenceNumber: string, sub: number])[] {
    const places: (readonly [string, string, number])[] = [];
    for (let part = 0; ; part++) {
      const portion = this.#value<readonly (readonly [string, string, number])[]>(
        requestPartKey(pipelineName, request, part),
      );
      if (portion === undefined) return places;
      places.push(...portion);
    }
  }

  /** Whether it takes dead letters. */
  takesLetters(ref: number, task: number): boolean {
    return this.#task(ref, task)?.letters !== undefined;
  }

  /** How many shards a task has; none if it has expired. */
  shardsOfTask(ref: number, task: number): number {
    const saved = this.#task(ref, task);
    return saved === undefined ? 0 : fromSavedShards(saved.shards).length;
  }

  /** Why a sealed batch went back to its reducers the last time. */
  reduceTrouble(): Trouble | undefined {
    return this.#value(troubleKey(pipelineName, { kind: 'reduce' }));
  }

  block(task: number, batchId: number, ref: number): BlockSummary | undefined {
    return this.#value(blockKey(pipelineName, task, batchId, ref));
  }

  state(keyGroup: number, batchId: number, ref: number): StoredState | undefined {
    return this.#value(stateKey(pipelineName, keyGroup, batchId, ref));
  }

  /** Of a state, all that its segments come to. Undefined: one of them is not there. */
  windows(
    keyGroup: number,
    { manifest }: StoredState,
    functions: readonly AggregateFunction[],
  ): SavedWindows | undefined {
    const loaded: LoadedRange[] = [];
    for (const segment of namedBy(manifest)) {
      const bytes = this.#segment(keyGroup, segment);
      if (bytes === undefined) return undefined;
      loaded.push({ segment, from: 0, upTo: segment.bytes, bytes });
    }
    return [...keysOf(manifest, { loaded, slices: 'all', functions, packing: statePacking })];
  }

  /** Windows of keys that a state has at least, as who is to write it anew is told before he reads it. */
  leastEntries(keyGroup: number, { manifest }: StoredState): number {
    const loaded = namedBy(manifest).flatMap((segment): LoadedRange[] => {
      const bytes = this.#segment(keyGroup, segment);
      return bytes === undefined ? [] : [{ segment, from: 0, upTo: segment.bytes, bytes }];
    });
    return leastEntries(manifest, new SegmentReader(loaded, statePacking));
  }

  /** Bytes that a segment takes, wherever it lies. */
  bytesOf(keyGroup: number, segment: SegmentRef): number | undefined {
    return this.#segment(keyGroup, segment)?.length;
  }

  /** What blocks of a batch keep of a key group, as their seal has put it together: of each how many bytes it would be apart. */
  keptBytes({ batchId, ref, kept: inBody, gathered }: BatchBody, keyGroup: number): readonly number[] {
    if (inBody !== undefined) return bytesApart(inBody.find(([group]) => group === keyGroup)?.[1] ?? []);
    const group = gathered?.groups.find((each) => each.keyGroup === keyGroup);
    if (gathered === undefined || group === undefined) return [];
    const blob = gatheredBlob(pipelineName, { batchId, ref, nonce: gathered.nonce });
    const bytes = this.#bytes(blob, gathered.chunks)?.subarray(group.from, group.from + group.bytes);
    return bytesApart(bytes === undefined ? [] : (decode(bytes) as readonly unknown[]));
  }

  /** Of those that lie apart. */
  partialBytes({ batchId, ref }: BatchBody, task: number, { nonce, group }: PartialsOfBlock): number | undefined {
    if (isKept(group)) return undefined;
    const folder = partialsFolder(pipelineName, batchId, group.keyGroup);
    return this.#bytes({ folder, name: partialsName(ref, task, nonce, group.part) }, group.chunks)?.length;
  }

  #segment(keyGroup: number, { name, chunks }: SegmentRef): Uint8Array | undefined {
    return this.#bytes({ folder: segmentFolder(pipelineName, keyGroup), name }, chunks);
  }

  /** Wherever it lies. */
  #bytes(blob: BlobName, count: number): Uint8Array | undefined {
    if (count === inBucket) return this.#bucket.get(objectKeyOf(blob) ?? '')?.body;
    const { folder, name } = blob;
    const chunks = Array.from({ length: count }, (_, at) => this.item({ pk: folder, sk: `${name}#${padChunk(at)}` }));
    if (chunks.some((chunk) => chunk === undefined)) return undefined;
    return Buffer.concat(chunks.map((chunk) => chunk!.data!.B!));
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
    const bytes = this.#bytes(blobOf(key, nonce), count);
    return bytes === undefined ? undefined : (decode(bytes) as Value);
  }
}

const bytesApart = (kept: readonly unknown[]): readonly number[] =>
  kept.map((each) => (Array.isArray(each) ? encodeList(each) : encode(each, { plainBytes: 0 })).length);
