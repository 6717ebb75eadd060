/**
 * Keys and the slice of the key space they belong to.
 *
 * KEY-1 The canonical text of a key and its key group never change: saved state is found by them.
 */
import type { KeyValue } from '../pipeline/pipeline.ts';

/** JSON array of the key's values in the order the pipeline names them. */
export function canonicalKey(values: readonly KeyValue[]): string {
  return JSON.stringify(values);
}

export function keyGroupOf(canonical: string, parallelism: number): number {
  return parallelism === 1 ? 0 : murmur3(canonical) % parallelism;
}

const encoder = new TextEncoder();

/** MurmurHash3, x86 32 bit, seed 0 (A. Appleby, public domain), over the UTF-8 bytes. */
export function murmur3(text: string): number {
  const bytes = encoder.encode(text);
  const blocks = bytes.length >>> 2;
  let hash = 0;
  for (let block = 0; block < blocks; block++) {
    const at = block * 4;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= scramble(word);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= blocks * 4; at--) tail = (tail << 8) | bytes[at]!;
  if (bytes.length > blocks * 4) hash ^= scramble(tail);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
