/** Blobs as chunks in the table of their roots: `…#<chunk>`. A purge finds them in the partitions that it clears. */
import { createHash } from 'node:crypto';
import type { BlobName, Blobs, StoredBlob } from '../../ports/blobs.ts';
import { bytesIn, textIn } from './item.ts';
import { padChunk } from './keys.ts';
import { getNamed, missing } from './missing.ts';
import { type Item, type Key, keyOf, type Table } from './table.ts';

/** A read is billed by 4 KB, and up to forty functions read a root side by side. */
const mostOfPart = 16_384;

export function createChunkedBlobs(table: Table): Blobs {
  return {
    mostInRoot: table.chunkBytes,
    mostOfPart: Math.min(mostOfPart, Math.floor(table.chunkBytes / 10)),
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
  };
}

export function* chunksOf(bytes: Uint8Array, { chunkBytes }: Pick<Table, 'chunkBytes'>): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export const chunkKey = ({ folder, name }: BlobName, at: number): Key => ({
  pk: folder,
  sk: `${name}#${padChunk(at)}`,
});

function whole(blob: BlobName & StoredBlob, chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(chunks);
  if (chunks.length === blob.chunks && digestOf(bytes) === blob.digest) return bytes;
  throw missing({ pk: blob.folder, sk: blob.name }, 'its chunks do not fit its digest');
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');
