/**
 * A bucket as files of a folder, which stay for the next run. Names of objects are taken apart at `/`, and each part is one that every file
 * system takes. One process uses it at a time.
 */
import { link, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bucket, ByteRange } from '../../functions/ports/bucket.ts';

const mostListed = 1_000;
/** Endings, which no part of a name has: there `.` is encoded. So one name may be the beginning of another. */
const [finished, unfinished] = ['.object', '.part'];

export function createFolderBucket(folder: string): Bucket {
  let tries = 0;
  const fileOf = (key: string): string => `${path.join(folder, ...key.split('/').map(encoded))}${finished}`;
  return {
    name: folder,
    async putIfAbsent(key, bytes) {
      const file = fileOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      // A name is given to what is whole, or a file that a crash cut off would stand for it.
      tries += 1;
      const whole = `${file}.${process.pid}-${tries}${unfinished}`;
      try {
        await writeFile(whole, bytes);
        await link(whole, file);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      } finally {
        await rm(whole, { force: true });
      }
    },
    async get(key, range) {
      try {
        return range === undefined ? await readFile(fileOf(key)) : await readRange(fileOf(key), range);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    async delete(keys) {
      for (const key of keys) await rm(fileOf(key), { force: true });
    },
    async list({ prefix, after }) {
      const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      });
      const keys = files
        .filter((file) => file.isFile() && file.name.endsWith(finished))
        .map((file) => path.relative(folder, path.join(file.parentPath, file.name.slice(0, -finished.length))))
        .map((file) => file.split(path.sep).map(decodeURIComponent).join('/'))
        .filter((key) => key.startsWith(prefix) && key > after)
        .sort();
      const page = keys.slice(0, mostListed);
      const objects = [];
      for (const key of page) objects.push({ key, modifiedAt: Math.floor((await stat(fileOf(key))).mtimeMs) });
      return { objects, isLast: page.length === keys.length, now: Date.now() };
    },
  };
}

async function readRange(file: string, { from, length }: ByteRange): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** `encodeURIComponent` leaves five signs that some file systems do not take, and `.`, of which a whole part may be made. */
const encoded = (part: string): string =>
  encodeURIComponent(part).replace(/[!'()*.]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
