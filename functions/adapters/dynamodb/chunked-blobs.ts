/**
 * Blobs as chunks in the table of their roots: `…#<chunk>`. A purge finds them in the partitions that it clears. All chunks of a blob but the
 * last have the size of the table's chunks: by that ranges of bytes are found, so it is part of what is saved.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { KeptLimits } from '../../core/kept-partials.ts';
import type { BlobName, Blobs, StoredBlob } from '../../ports/blobs.ts';
import { digestOf } from '../blob-digest.ts';
import { bytesIn, textIn } from './item.ts';
import { padChunk } from './keys.ts';
import { getNamed, missing } from './missing.ts';
import { type Item, type Key, keyOf, type Table } from './table.ts';

/** A read is billed by 4 KB, and up to forty functions read a root side by side. */
const mostOfPart = 16_384;
/**
 * Each KB is written with its block, written again with all that is kept, and deleted: apart it is written and deleted, but an item is billed by the full KB.
 * And each key group reads the items of all of them.
 */
const kept: KeptLimits = { mostOfGroup: 512, mostOfBlock: 4_096 };
/** Chunks of one range. */
const atOnce = 8;

export function createChunkedBlobs(table: Table): Blobs {
  return {
    mostInRoot: table.chunkBytes,
    mostOfPart: Math.min(mostOfPart, Math.floor(table.chunkBytes / 10)),
    keptLimits: {
      mostOfGroup: Math.min(kept.mostOfGroup, Math.floor(table.chunkBytes / 4)),
      mostOfBlock: Math.min(kept.mostOfBlock, table.chunkBytes),
    },
    async put(blob, bytes, { v, expires }) {
      const marks: Item = {
        v: { N: String(v) },
        ...(expires === undefined ? {} : { expires: { N: String(expires) } }),
      };
      let chunks = 0;
      for (const chunk of chunksOf(bytes, table)) {
        await table.put({ ...keyOf(chunkKey(blob, chunks)), ...marks, data: { B: chunk } });
        chunks += 1;
      }
      return { chunks, digest: digestOf(bytes) };
    },
    async get(blob) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < blob.chunks; at++) {
        chunks.push(bytesIn(await getNamed(table, chunkKey(blob, at)), 'data'));
      }
      return whole(blob, chunks);
    },
    async getRange(blob, from, length) {
      const { chunkBytes } = table;
      const first = Math.floor(from / chunkBytes);
      const behind = Math.min(blob.chunks, Math.ceil((from + length) / chunkBytes));
      const chunks = await inParallel(upTo(behind).slice(first), atOnce, async (at) =>
        bytesIn(await getNamed(table, chunkKey(blob, at)), 'data'),
      );
      const bytes = Buffer.concat(chunks).subarray(from - first * chunkBytes, from + length - first * chunkBytes);
      if (bytes.length === length) return bytes;
      throw missing({ pk: blob.folder, sk: blob.name }, `it ends before byte ${from + length}`);
    },
    async getAll({ folder, prefix }, blobs) {
      if (blobs.length === 0) return [];
      const byName = new Map<string, Uint8Array[]>();
      const where = { condition: 'begins_with(sk, :prefix)', values: { ':prefix': prefix } };
      for await (const item of table.query(folder, where)) {
        const sk = textIn(item, 'sk');
        const name = sk.slice(0, sk.lastIndexOf('#'));
        const chunks = byName.get(name) ?? [];
        chunks.push(bytesIn(item, 'data'));
        byName.set(name, chunks);
      }
      return blobs.map((blob) => whole({ folder, ...blob }, byName.get(blob.name) ?? []));
    },
    delete: (blobs) => table.deleteAll(blobs.flatMap(chunkKeys)),
  };
}

export function* chunksOf(bytes: Uint8Array, { chunkBytes }: Pick<Table, 'chunkBytes'>): Generator<Uint8Array> {
  // One at least, also of no bytes.
  for (let at = 0; at === 0 || at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

export const chunkKeys = (blob: BlobName & StoredBlob): Key[] => upTo(blob.chunks).map((at) => chunkKey(blob, at));

const chunkKey = ({ folder, name }: BlobName, at: number): Key => ({
  pk: folder,
  sk: `${name}#${padChunk(at)}`,
});

function whole(blob: BlobName & StoredBlob, chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(chunks);
  if (chunks.length === blob.chunks && digestOf(bytes) === blob.digest) return bytes;
  throw missing({ pk: blob.folder, sk: blob.name }, 'its chunks do not fit its digest');
}
