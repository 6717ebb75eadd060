/** Blobs as objects of a bucket, one each. */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { BlobName, Blobs, StoredBlob } from '../../ports/blobs.ts';
import { inBucket } from '../../ports/blobs.ts';
import type { Bucket, ByteRange } from '../../ports/bucket.ts';
import { digestOf } from '../blob-digest.ts';
import { missing } from '../dynamodb/missing.ts';
import { objectKeyOf } from './object-key.ts';

/** Objects that one call reads. */
const atOnce = 16;

export type ObjectBlobs = Omit<Blobs, 'mostInRoot' | 'mostOfPart' | 'keptLimits'>;

export function createObjectBlobs(bucket: Bucket): ObjectBlobs {
  const get = async (blob: BlobName & StoredBlob): Promise<Uint8Array> => {
    const isWhole = (bytes: Uint8Array) => digestOf(bytes) === blob.digest;
    return (await readNamed(bucket, blob, isWhole)) ?? lost(bucket, blob, 'its bytes do not fit its digest');
  };
  return {
    async put(blob, bytes) {
      await bucket.putIfAbsent(keyOf(blob), bytes);
      return { chunks: inBucket, digest: digestOf(bytes) };
    },
    get,
    async getRange(blob, from, length) {
      const hasAll = (bytes: Uint8Array) => bytes.length === length;
      const bytes = await readNamed(bucket, blob, hasAll, { from, length });
      return bytes ?? lost(bucket, blob, `it ends before byte ${from + length}`);
    },
    getAll: ({ folder }, blobs) => inParallel(blobs, atOnce, (blob) => get({ folder, ...blob })),
    delete: (blobs) => bucket.delete(blobs.map(keyOf)),
  };
}

/**
 * What is named was put before its name. An answer that it is not there, or other than it should be, is asked for once more: it stops a
 * pipeline. Undefined: it is other than it should be.
 */
async function readNamed(
  bucket: Bucket,
  blob: BlobName & StoredBlob,
  isRight: (bytes: Uint8Array) => boolean,
  range?: ByteRange,
): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array | undefined;
  for (let attempt = 0; attempt < 2; attempt++) {
    bytes = await bucket.get(keyOf(blob), range);
    if (bytes !== undefined && isRight(bytes)) return bytes;
  }
  return bytes === undefined ? lost(bucket, blob) : undefined;
}

function lost(bucket: Bucket, blob: BlobName, why = 'it is named but not there'): never {
  throw missing({ pk: blob.folder, sk: blob.name }, `${why}, in the bucket ${bucket.name} as ${keyOf(blob)}`);
}

function keyOf(blob: BlobName): string {
  const key = objectKeyOf(blob);
  if (key === undefined) throw new Error(`${blob.folder} / ${blob.name} belongs to no batch: it is no object`);
  return key;
}
