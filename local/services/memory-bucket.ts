/** A bucket in memory, where its table is in memory, too. */
import type { Bucket } from '../../functions/ports/bucket.ts';

const mostListed = 1_000;

export type MemoryBucket = Bucket & {
  /** By key: bytes, and when they were put. */
  readonly objects: Map<string, { readonly bytes: Uint8Array; readonly modifiedAt: number }>;
};

export function createMemoryBucket(now: () => number = Date.now): MemoryBucket {
  const objects: MemoryBucket['objects'] = new Map();
  return {
    name: 'in memory',
    objects,
    async putIfAbsent(key, bytes) {
      if (!objects.has(key)) objects.set(key, { bytes: Uint8Array.from(bytes), modifiedAt: now() });
    },
    async get(key, range) {
      const bytes = objects.get(key)?.bytes;
      return range === undefined ? bytes : bytes?.subarray(range.from, range.from + range.length);
    },
    async delete(keys) {
      for (const key of keys) objects.delete(key);
    },
    async list({ prefix, after }) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
      const page = keys.slice(0, mostListed);
      const listed = page.map((key) => ({ key, modifiedAt: objects.get(key)!.modifiedAt }));
      return { objects: listed, isLast: page.length === keys.length, now: now() };
    },
  };
}
