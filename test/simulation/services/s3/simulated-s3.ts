/** Buckets of S3 as far as files need them: PutObject with `If-None-Match: *`, strongly consistent. */
import { ServiceError } from '../service-error.ts';

export type PutObject = {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly Body?: Uint8Array;
  readonly IfNoneMatch?: string;
};

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
    const { Key: key = '', Body: body, IfNoneMatch } = input as PutObject;
    if (key === '' || Buffer.byteLength(key) > 1_024) throw new ServiceError('KeyTooLongError', key);
    if (body === undefined) throw new ServiceError('ValidationException', 'a put without a body');
    const before = this.#objects.get(key);
    if (before !== undefined && IfNoneMatch === '*') throw new ServiceError('PreconditionFailed', key, 412);
    this.#objects.set(key, body);
    this.#onPut({ key, body }, before);
    return { ETag: '"simulated"' };
  }

  /** What a listing has, in the order of the keys. */
  list(): readonly StoredObject[] {
    return [...this.#objects]
      .map(([key, body]) => ({ key, body }))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }
}
