/** MurmurHash3, x86 32 bit (A. Appleby, public domain), over UTF-8 bytes: what it makes of a text never changes. */
import { withUtf8 } from './utf8.ts';

export const murmur3 = (text: string): number => withUtf8(text, murmur3Of);

/** Two hashes of 32 bits, of seeds of their own. */
export const murmur3Twice = (text: string): readonly [number, number] =>
  withUtf8(text, (bytes, length) => [murmur3Of(bytes, length), murmur3Of(bytes, length, otherSeed)]);
const otherSeed = 0x9747b28c;

/** Of the first `length` bytes. */
function murmur3Of(bytes: Uint8Array, length: number, seed = 0): number {
  const blocks = length >>> 2;
  let hash = seed;
  for (let block = 0; block < blocks; block++) {
    const at = block * 4;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= scramble(word);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = length - 1; at >= blocks * 4; at--) tail = (tail << 8) | bytes[at]!;
  if (length > blocks * 4) hash ^= scramble(tail);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
