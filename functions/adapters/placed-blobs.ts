/**
 * Which blobs lie where: in the table of their roots, or in the bucket.
 *
 * PLACE-1 Where a blob lies is said by what names it, and by nothing else. A pipeline that was given a bucket finds the blobs that it had before;
 *    one that has none any more refuses by name what it can't reach (S11).
 * PLACE-2 An object is what costs less so: written, read once and deleted, that is above 4.2 KB. What expires stays in the table, which deletes
 *    it for nothing, and names that belong to no batch do: the sweep of the bucket goes by batches.
 */
import { SluiceError } from '../core/errors.ts';
import { type BlobName, type Blobs, inBucket, type StoredBlob } from '../ports/blobs.ts';
import type { ObjectBlobs } from './s3/object-blobs.ts';
import { objectKeyOf } from './s3/object-key.ts';

/** Bytes. Without the digest and the name that a root has instead, it is close to what growth of a value costs either way. */
export const leastObjectBytes = 4_096;

type Named = { readonly name: string } & StoredBlob;

export function createPlacedBlobs(
  inTable: Blobs,
  {
    objects,
    leastBytes = leastObjectBytes,
  }: { readonly objects?: ObjectBlobs | undefined; readonly leastBytes?: number },
): Blobs {
  const objectsFor = (blob: BlobName): ObjectBlobs => objects ?? refuse(blob);
  const placeOf = (blob: BlobName & StoredBlob) => (blob.chunks === inBucket ? objectsFor(blob) : inTable);
  return {
    mostInRoot: objects === undefined ? inTable.mostInRoot : Math.min(inTable.mostInRoot, leastBytes),
    mostOfPart: objects === undefined ? inTable.mostOfPart : Math.min(inTable.mostOfPart, leastBytes),
    // Each KB is written with its block, and all of them are one object: apart it is written and deleted, or an object of eight times the price.
    keptLimits:
      objects === undefined ? inTable.keptLimits : { mostOfGroup: 2 * leastBytes, mostOfBlock: 8 * leastBytes },
    put(blob, bytes, marks) {
      const isObject = bytes.length > leastBytes && marks.expires === undefined && objectKeyOf(blob) !== undefined;
      return (isObject && objects !== undefined ? objects : inTable).put(blob, bytes, marks);
    },
    get: (blob) => placeOf(blob).get(blob),
    getRange: (blob, from, length) => placeOf(blob).getRange(blob, from, length),
    async getAll(from, blobs) {
      const found = new Map<Named, Uint8Array>();
      const read = async (place: Blobs['getAll'], some: readonly Named[]): Promise<void> => {
        const all = await place(from, some);
        for (const [at, blob] of some.entries()) found.set(blob, all[at]!);
      };
      const [there, here] = partition(blobs);
      const first = there[0];
      await Promise.all([
        ...(first === undefined ? [] : [read(objectsFor({ ...from, name: first.name }).getAll, there)]),
        ...(here.length === 0 ? [] : [read(inTable.getAll, here)]),
      ]);
      return blobs.map((blob) => found.get(blob)!);
    },
    async delete(blobs) {
      const [there, here] = partition(blobs);
      const first = there[0];
      if (first !== undefined) await objectsFor(first).delete(there);
      if (here.length > 0) await inTable.delete(here);
    },
  };
}

/** Those in the bucket, and those in the table. */
const partition = <Blob extends StoredBlob>(blobs: readonly Blob[]): [readonly Blob[], readonly Blob[]] => [
  blobs.filter(({ chunks }) => chunks === inBucket),
  blobs.filter(({ chunks }) => chunks !== inBucket),
];

function refuse({ folder, name }: BlobName): never {
  throw new SluiceError(
    'NotAllowed',
    `${folder} / ${name} lies in the bucket that the pipeline had, and it has none now: give it that one (\`stateBucket\`, SLUICE_STATE_BUCKET).`,
  );
}
