/** A bucket in memory, by what S3 is asked for: requests are named as S3 names them. */
import type { Bucket, ByteRange } from '../../../functions/ports/bucket.ts';

export const bucketOperations = ['PutObject', 'GetObject', 'DeleteObjects', 'ListObjectsV2'] as const;
export type BucketOperation = (typeof bucketOperations)[number];

type Inputs = {
  readonly PutObject: { readonly key: string; readonly bytes: Uint8Array };
  readonly GetObject: { readonly key: string; readonly range: ByteRange | undefined };
  readonly DeleteObjects: { readonly keys: readonly string[] };
  readonly ListObjectsV2: { readonly prefix: string; readonly after: string };
};

const mostListed = 1_000;

export class MemoryBucket {
  readonly #objects = new Map<string, { readonly bytes: Uint8Array; readonly modifiedAt: number }>();
  readonly #now: () => number;
  readonly #onChange: (key: string, before: number, after: number) => void;

  /** `onChange`: told of the bytes of an object before and after; 0: it is not there. */
  constructor(now: () => number, onChange: (key: string, before: number, after: number) => void) {
    this.#now = now;
    this.#onChange = onChange;
  }

  execute(operation: BucketOperation, input: unknown): object {
    if (operation === 'PutObject') return this.#put(input as Inputs['PutObject']);
    if (operation === 'GetObject') return this.#get(input as Inputs['GetObject']);
    if (operation === 'ListObjectsV2') return this.#list(input as Inputs['ListObjectsV2']);
    for (const key of (input as Inputs['DeleteObjects']).keys) this.#delete(key);
    return {};
  }

  #put({ key, bytes }: Inputs['PutObject']): object {
    if (this.#objects.has(key)) return {};
    this.#objects.set(key, { bytes: new Uint8Array(bytes), modifiedAt: this.#now() });
    this.#onChange(key, 0, bytes.length);
    return {};
  }

  #delete(key: string): void {
    const found = this.#objects.get(key);
    if (found === undefined) return;
    this.#objects.delete(key);
    this.#onChange(key, found.bytes.length, 0);
  }

  #get({ key, range }: Inputs['GetObject']): object {
    const bytes = this.#objects.get(key)?.bytes;
    return { bytes: range === undefined ? bytes : bytes?.slice(range.from, range.from + range.length) };
  }

  #list({ prefix, after }: Inputs['ListObjectsV2']): object {
    const found = [...this.#objects]
      .filter(([key]) => key.startsWith(prefix) && key > after)
      .map(([key, { modifiedAt }]) => ({ key, modifiedAt }))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
    return { objects: found.slice(0, mostListed), isLast: found.length <= mostListed, now: this.#now() };
  }
}

export type AskBucket = (operation: BucketOperation, input: unknown) => Promise<object>;

/** The port, by requests. */
export const bucketBy = (ask: AskBucket): Bucket => ({
  name: 'bench',
  async putIfAbsent(key, bytes) {
    await ask('PutObject', { key, bytes } satisfies Inputs['PutObject']);
  },
  async get(key, range) {
    const answer = await ask('GetObject', { key, range } satisfies Inputs['GetObject']);
    return (answer as { readonly bytes: Uint8Array | undefined }).bytes;
  },
  async delete(keys) {
    await ask('DeleteObjects', { keys } satisfies Inputs['DeleteObjects']);
  },
  list: async (from) => (await ask('ListObjectsV2', from)) as Awaited<ReturnType<Bucket['list']>>,
});
