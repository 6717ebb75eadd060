/**
 * Values of any size as items: compressed JSON in one item, or in chunks with a root that names them.
 *
 * The root is put last and if absent, so it exists exactly if the value is whole. Chunks carry a nonce of the try that
 * wrote them: two tries never share one.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SluiceError } from '../../core/errors.ts';
import { formatVersion } from '../../core/model.ts';
import type { NewId } from '../../ports.ts';
import { bytesIn, numberIn, textIn } from './item.ts';
import { padChunk } from './keys.ts';
import { type Item, type Key, keyOf, type Table } from './table.ts';

/** Most values are small: zlib's tables for a window of 32 KB cost more than compressing them. */
const smallBytes = 4_096;
const small = { level: 1, windowBits: 12, memLevel: 5, chunkSize: 1_024 };

/** DynamoDB bills a write by the KB: an item that fits into one costs the same without compression. */
const plainBytes = 900;

/** The first byte says how the others are to be read. */
const form = { plain: 0, deflated: 1 } as const;

export function encode(value: unknown, options = { plainBytes }): Uint8Array {
  const text = Buffer.from(`\0${JSON.stringify(value)}`);
  if (text.length <= options.plainBytes) return text;
  const deflated = deflateRawSync(text.subarray(1), text.length <= smallBytes ? small : { level: 3 });
  return Buffer.concat([Buffer.of(form.deflated), deflated]);
}

export function decode<Value>(bytes: Uint8Array): Value {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1);
  if (bytes[0] === form.plain) return JSON.parse(content.toString()) as Value;
  const chunkSize = content.length <= smallBytes / 4 ? smallBytes : undefined;
  return JSON.parse(inflateRawSync(content, { chunkSize }).toString()) as Value;
}

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');

export function* chunksOf(bytes: Uint8Array, { chunkBytes }: Pick<Table, 'chunkBytes'>): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export type SaveOptions = {
  readonly table: Table;
  readonly newId: NewId;
  /** Epoch seconds; absent for items that only a purge may delete. */
  readonly expires?: number;
};

/** First write wins. */
export async function saveIfAbsent(key: Key, value: unknown, options: SaveOptions): Promise<'stored' | 'exists'> {
  const bytes = encode(value);
  const root: Item = {
    ...keyOf(key),
    v: { N: String(formatVersion) },
    ...(options.expires === undefined ? {} : { expires: { N: String(options.expires) } }),
  };
  if (bytes.length <= options.table.chunkBytes) return options.table.putIfAbsent({ ...root, data: { B: bytes } });
  const nonce = options.newId();
  const chunks = [...chunksOf(bytes, options.table)];
  for (const [at, chunk] of chunks.entries()) {
    await options.table.put({ ...root, ...keyOf(chunkKey(key, nonce, at)), data: { B: chunk } });
  }
  return options.table.putIfAbsent({
    ...root,
    nonce: { S: nonce },
    chunks: { N: String(chunks.length) },
    digest: { S: digestOf(bytes) },
  });
}

export async function loadSaved<Value>(table: Table, key: Key): Promise<Value | undefined> {
  const root = await table.get(key);
  return root === undefined ? undefined : loadWhole(table, key, root);
}

/** For items that a seal or a head names. */
export async function loadNamed<Value>(table: Table, key: Key): Promise<Value> {
  return loadWhole(table, key, await getNamed(table, key));
}

async function loadWhole<Value>(table: Table, key: Key, root: Item): Promise<Value> {
  checkVersion(root, key);
  if (root.data !== undefined) return decode(bytesIn(root, 'data'));
  const nonce = textIn(root, 'nonce');
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < numberIn(root, 'chunks'); at++) {
    const chunk = await getNamed(table, chunkKey(key, nonce, at));
    chunks.push(bytesIn(chunk, 'data'));
  }
  const bytes = Buffer.concat(chunks);
  if (digestOf(bytes) !== textIn(root, 'digest')) throw missing(key, 'its chunks do not fit its digest');
  return decode(bytes);
}

/** What is named was written before its name. An answer that it is not there is asked for once more: it stops a pipeline. */
async function getNamed(table: Table, key: Key): Promise<Item> {
  const item = (await table.get(key)) ?? (await table.get(key));
  if (item === undefined) throw missing(key);
  return item;
}

export function missing(key: Key, why = 'it is named but not there'): SluiceError {
  return new SluiceError('MissingItem', `${key.pk} / ${key.sk}: ${why}; what is missing is never taken for empty`);
}

export function checkVersion(item: Item, key: Key): void {
  const version = numberIn(item, 'v');
  if (version === formatVersion) return;
  throw new SluiceError(
    'MissingItem',
    `${key.pk} / ${key.sk}: format version ${version}; this code reads ${formatVersion}`,
  );
}

const chunkKey = (key: Key, nonce: string, at: number): Key => ({
  pk: key.pk,
  sk: `${key.sk}#${nonce}#${padChunk(at)}`,
});
