/**
 * Values of any size as items: packed JSON in one item, or in a blob with a root that names it.
 *
 * The root is put last and if absent, so it exists exactly if the value is whole. Blobs carry a nonce of the try that wrote
 * them: two tries never share one.
 */
import { SluiceError } from '../../core/errors.ts';
import { formatVersion } from '../../core/model.ts';
import { bytesIn, numberIn, textIn } from './item.ts';
import { getNamed } from './missing.ts';
import { decode, encode } from './packed-json.ts';
import type { Storage } from './storage.ts';
import { type Item, type Key, keyOf } from './table.ts';

type SaveTo = Pick<Storage, 'table' | 'blobs' | 'newId'> & {
  /** Epoch seconds; absent for items that only a purge may delete. */
  readonly expires?: number;
};

/** First write wins. */
export async function saveIfAbsent(key: Key, value: unknown, to: SaveTo): Promise<'stored' | 'exists'> {
  const { table, blobs, expires } = to;
  const bytes = encode(value);
  const root: Item = {
    ...keyOf(key),
    v: { N: String(formatVersion) },
    ...(expires === undefined ? {} : { expires: { N: String(expires) } }),
  };
  if (bytes.length <= blobs.mostInRoot) return table.putIfAbsent({ ...root, data: { B: bytes } });
  const nonce = to.newId();
  const { chunks, digest } = await blobs.put(blobOf(key, nonce), bytes, { v: formatVersion, expires });
  return table.putIfAbsent({ ...root, nonce: { S: nonce }, chunks: { N: String(chunks) }, digest: { S: digest } });
}

type LoadFrom = Pick<Storage, 'table' | 'blobs'>;

export async function loadSaved<Value>(key: Key, from: LoadFrom): Promise<Value | undefined> {
  const root = await from.table.get(key);
  return root === undefined ? undefined : loadWhole(key, root, from);
}

/** For items that a seal or a head names. */
export async function loadNamed<Value>(key: Key, from: LoadFrom): Promise<Value> {
  return loadWhole(key, await getNamed(from.table, key), from);
}

async function loadWhole<Value>(key: Key, root: Item, { blobs }: LoadFrom): Promise<Value> {
  checkVersion(root, key);
  if (root.data !== undefined) return decode(bytesIn(root, 'data'));
  const blob = blobOf(key, textIn(root, 'nonce'));
  return decode(await blobs.get({ ...blob, chunks: numberIn(root, 'chunks'), digest: textIn(root, 'digest') }));
}

const blobOf = ({ pk, sk }: Key, nonce: string) => ({ folder: pk, name: `${sk}#${nonce}` });

export function checkVersion(item: Item, key: Key): void {
  const version = numberIn(item, 'v');
  if (version === formatVersion) return;
  throw new SluiceError(
    'MissingItem',
    `${key.pk} / ${key.sk}: format version ${version}; this code reads ${formatVersion}`,
  );
}
