/**
 * Which objects of the bucket an item of the table names: they go with it, and before it.
 *
 * NAMES-1 What a purge deletes was named by one item, and by no other that stays: of the kinds below each names what was put for it alone.
 * NAMES-2 What an item names lies in its value, and that may be an object itself. So it goes after those, and before the item: whoever finds the
 *    item finds all that is left of it, and whoever does not find its value knows that the others are gone.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import { type BlobName, inBucket, type StoredBlob } from '../../ports/blobs.ts';
import { isNamed } from '../aws-errors.ts';
import { textIn } from './item.ts';
import { blobOf } from './saved-value.ts';
import type { Storage } from './storage.ts';
import type { Item, Key, Table } from './table.ts';

export type NamedBlob = BlobName & StoredBlob;

/** What the value of a root names. `undefined`: nothing, whatever it says. */
export type NamesIn = ((key: Key, root: Item) => Promise<readonly NamedBlob[]>) | undefined;

type Query = NonNullable<Parameters<Table['query']>[2]>;

/** Of roots that a purge looks at, what it has to see: with a bucket where their values lie, or the values themselves. */
export const seenOf = ({ bucket }: Pick<Storage, 'bucket'>, names?: NamesIn): Query => {
  if (bucket === undefined) return { keysOnly: true };
  return names === undefined ? { attributes: ofRoots } : {};
};

/** What says where the value of a root lies. */
export const ofRoots = 'sk, nonce, chunks, digest';
/** And which other state it replaces, and what becomes of segments. */
export const ofStates = `${ofRoots}, replaces, dropped, made`;

/** The object that the value of a root is. */
export function valueObjectOf(pk: string, root: Item): readonly NamedBlob[] {
  if (root.chunks?.N !== String(inBucket)) return [];
  const key = { pk, sk: textIn(root, 'sk') };
  return [{ ...blobOf(key, textIn(root, 'nonce')), chunks: inBucket, digest: textIn(root, 'digest') }];
}

const atOnce = 10;

/** With the objects that they name. */
export async function deleteRoots(
  { table, blobs, bucket }: Pick<Storage, 'table' | 'blobs' | 'bucket'>,
  pk: string,
  roots: readonly Item[],
  names?: NamesIn,
): Promise<void> {
  const keys = roots.map((root): Key => ({ pk, sk: textIn(root, 'sk') }));
  if (bucket !== undefined) {
    if (names !== undefined) await blobs.delete(await namedIn(pk, roots, names));
    await blobs.delete(roots.flatMap((root) => valueObjectOf(pk, root)));
  }
  await table.deleteAll(keys);
}

async function namedIn(pk: string, roots: readonly Item[], names: NonNullable<NamesIn>): Promise<readonly NamedBlob[]> {
  const named = await inParallel(roots, atOnce, async (root) => {
    // A chunk of a value names nothing.
    if (isChunk(root)) return [];
    try {
      return await names({ pk, sk: textIn(root, 'sk') }, root);
    } catch (error) {
      if (isNamed(error, 'MissingItem')) return [];
      throw error;
    }
  });
  return named.flat().filter(({ chunks }) => chunks === inBucket);
}

/** `…#<nonce>#<chunk>` */
const isChunk = ({ sk }: Item): boolean => /#\d{4}$/.test(sk?.S ?? '');
