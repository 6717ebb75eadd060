/** A bucket of S3 as far as large values need it: strongly consistent, with times of its own clock. */
import { ServiceError } from '../service-error.ts';

export type SimulatedObject = { readonly body: Uint8Array; readonly modifiedAt: number };

type Input = {
  readonly Key?: string;
  readonly Body?: Uint8Array;
  readonly IfNoneMatch?: string;
  readonly Range?: string;
  readonly Prefix?: string;
  readonly StartAfter?: string;
  readonly Delete?: { readonly Objects: readonly { readonly Key: string }[] };
};

export type BucketWatch = {
  readonly put: (key: string) => void;
  readonly deleted: (key: string) => void;
};

/** Small, so that listings have several. */
const mostListed = 7;
const mostDeleted = 1_000;

export class SimulatedBucket {
  readonly objects = new Map<string, SimulatedObject>();
  readonly #now: () => number;
  readonly #watch: BucketWatch;

  constructor(now: () => number, watch: BucketWatch) {
    this.#now = now;
    this.#watch = watch;
  }

  execute(operation: string, input: unknown): object {
    const asked = input as Input;
    if (operation === 'PutObject') return this.#put(asked);
    if (operation === 'GetObject') return this.#get(asked);
    if (operation === 'DeleteObjects') return this.#delete(asked);
    if (operation === 'ListObjectsV2') return this.#list(asked);
    throw new ServiceError('NotImplemented', operation, 501);
  }

  #put({ Key: key = '', Body: body, IfNoneMatch }: Input): object {
    if (key === '' || Buffer.byteLength(key) > 1_024) throw new ServiceError('KeyTooLongError', key);
    if (body === undefined) throw new ServiceError('ValidationException', 'a put without a body');
    if (IfNoneMatch !== '*') throw new ServiceError('ValidationException', 'an object that may be overwritten');
    if (this.objects.has(key)) throw new ServiceError('PreconditionFailed', key, 412);
    this.objects.set(key, { body: Uint8Array.from(body), modifiedAt: this.#now() });
    this.#watch.put(key);
    return { ETag: '"simulated"' };
  }

  #get({ Key: key = '', Range }: Input): object {
    const found = this.objects.get(key);
    if (found === undefined) throw new ServiceError('NoSuchKey', key, 404);
    const [, from = '0', to] = /^bytes=(\d+)-(\d+)$/.exec(Range ?? '') ?? [];
    if (Number(from) >= found.body.length) throw new ServiceError('InvalidRange', key, 416);
    const bytes = found.body.slice(Number(from), to === undefined ? undefined : Number(to) + 1);
    return { Body: { transformToByteArray: async () => bytes }, ContentLength: bytes.length };
  }

  #delete({ Delete: { Objects: named = [] } = { Objects: [] } }: Input): object {
    if (named.length === 0 || named.length > mostDeleted)
      throw new ServiceError('ValidationException', `a deletion of ${named.length}`);
    for (const { Key } of named) if (this.objects.delete(Key)) this.#watch.deleted(Key);
    return { Deleted: named.map(({ Key }) => ({ Key })) };
  }

  #list({ Prefix = '', StartAfter = '' }: Input): object {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(Prefix) && key > StartAfter).sort();
    const page = keys.slice(0, mostListed);
    const Contents = page.map((Key) => ({ Key, LastModified: new Date(this.objects.get(Key)!.modifiedAt) }));
    return {
      IsTruncated: page.length < keys.length,
      KeyCount: page.length,
      ...(Contents.length === 0 ? {} : { Contents }),
    };
  }
}
