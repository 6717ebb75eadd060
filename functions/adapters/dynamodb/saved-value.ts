/**
 * Values of any size as items: packed JSON in one item, or in a blob with a root that names it.
 *
 * The root is put last and if absent, so it exists exactly if the value is whole. Blobs carry a nonce of the try that wrote
 * them: two tries never share one.
 */
import { bytesIn, numberIn, textIn } from './item.ts';
import { type ItemKind, readAs } from './item-kind.ts';
import { itemBytes, mostItemBytes } from './item-size.ts';
import { getNamed } from './missing.ts';
import { decode, encode } from './packed-json.ts';
import type { Storage } from './storage.ts';
import { type Item, type Key, keyOf } from './table.ts';

type SaveTo = Pick<Storage, 'table' | 'blobs' | 'newId'> & {
  /** Epoch seconds; absent for items that only a purge may delete. */
  readonly expires?: number;
  /** What the root says beside its value, to who does not read it. */
  readonly marks?: Item;
};

/** First write wins. */
export const saveIfAbsent = <Value>(
  kind: ItemKind<Value>,
  key: Key,
  value: Value,
  to: SaveTo,
): Promise<'stored' | 'exists'> => save(kind, key, value, { ...to, putRoot: (root) => to.table.putIfAbsent(root) });

/** The one of the highest `ref` wins, and of one `ref` the first write. Chunks of the others lie under its name. */
export const saveOfLastTry = <Value>(
  kind: ItemKind<Value>,
  key: Key,
  value: Value,
  to: SaveTo & { readonly ref: number },
): Promise<'stored' | 'exists'> =>
  save(kind, key, value, {
    ...to,
    marks: { ...to.marks, ref: { N: String(to.ref) } },
    putRoot: (root) => to.table.putIfHigher(root, 'ref'),
  });

type PutRoot = { readonly putRoot: (root: Item) => Promise<'stored' | 'exists'> };

async function save<Value>(
  kind: ItemKind<Value>,
  key: Key,
  value: Value,
  to: SaveTo & PutRoot,
): Promise<'stored' | 'exists'> {
  const { table, blobs, expires, marks, putRoot } = to;
  const v = kind.version;
  const bytes = encode(value);
  const root = { ...itemOf(kind, key, expires), ...marks };
  // What TTL deletes is no object, so a root has as much of it as it can.
  const mostInRoot = expires === undefined ? blobs.mostInRoot : table.chunkBytes;
  // Marks are in the root wherever the value lies.
  if (bytes.length <= Math.min(mostInRoot, mostItemBytes - itemBytes(root) - dataName))
    return putRoot({ ...root, data: { B: bytes } });
  const nonce = to.newId();
  const { chunks, digest } = await blobs.put(blobOf(key, nonce), bytes, { v, expires });
  return putRoot({ ...root, nonce: { S: nonce }, chunks: { N: String(chunks) }, digest: { S: digest } });
}

/** Of the attribute. */
const dataName = 'data'.length;

type LoadFrom = Pick<Storage, 'table' | 'blobs'>;

export async function loadSaved<Value>(kind: ItemKind<Value>, key: Key, from: LoadFrom): Promise<Value | undefined> {
  const root = await from.table.get(key);
  return root === undefined ? undefined : loadWhole(kind, key, root, from);
}

/** For items that a seal or a head names. */
export async function loadNamed<Value>(kind: ItemKind<Value>, key: Key, from: LoadFrom): Promise<Value> {
  return loadWhole(kind, key, await getNamed(from.table, key), from);
}

export async function loadWhole<Value>(
  kind: ItemKind<Value>,
  key: Key,
  root: Item,
  { blobs }: Pick<LoadFrom, 'blobs'>,
): Promise<Value> {
  const v = numberIn(root, 'v');
  if (root.data !== undefined) return readAs(kind, { v, json: decode(bytesIn(root, 'data')) }, key);
  const blob = blobOf(key, textIn(root, 'nonce'));
  const bytes = await blobs.get({ ...blob, chunks: numberIn(root, 'chunks'), digest: textIn(root, 'digest') });
  return readAs(kind, { v, json: decode(bytes) }, key);
}

/** What lies beside an item, under the nonce of its try. */
export const blobOf = ({ pk, sk }: Key, nonce: string) => ({ folder: pk, name: `${sk}#${nonce}` });

/** What every item has. */
export const itemOf = (kind: Pick<ItemKind<unknown>, 'version'>, key: Key, expires?: number): Item => ({
  ...keyOf(key),
  v: { N: String(kind.version) },
  ...(expires === undefined ? {} : { expires: { N: String(expires) } }),
});
