/** Buckets of S3 as far as files need them: PutObject with `If-None-Match: *`, strongly consistent. */
import { ServiceError } from '../service-error.ts';

export type PutObject = {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly Body?: Uint8Array;
  readonly IfNoneMatch?: string;
};

/** `key`: behind the bucket. */
export type StoredObject = { readonly key: string; readonly body: Uint8Array };

export class SimulatedS3 {
  readonly #objects = new Map<string, Uint8Array>();
  readonly #onPut: (object: StoredObject, before: Uint8Array | undefined) => void;

  /** `onPut`: told of each write that was taken, and what it took the place of. */
  constructor(onPut: (object: StoredObject, before: Uint8Array | undefined) => void) {
    this.#onPut = onPut;
  }

  execute(operation: string, input: unknown): object {
    if (operation !== 'PutObject') throw new ServiceError('NotImplemented', operation, 501);
    const { Bucket: bucket = '', Key: ownKey = '', Body: body, IfNoneMatch } = input as PutObject;
    if (bucket === '') throw new ServiceError('NoSuchBucket', bucket, 404);
    if (ownKey === '' || Buffer.byteLength(ownKey) > 1_024) throw new ServiceError('KeyTooLongError', ownKey);
    const key = `${bucket}/${ownKey}`;
    if (body === undefined) throw new ServiceError('ValidationException', 'a put without a body');
    const before = this.#objects.get(key);
    if (before !== undefined && IfNoneMatch === '*') throw new ServiceError('PreconditionFailed', key, 412);
    this.#objects.set(key, body);
    this.#onPut({ key, body }, before);
    return { ETag: '"simulated"' };
  }
}
