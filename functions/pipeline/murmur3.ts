/** MurmurHash3, x86 32 bit (A. Appleby, public domain), over UTF-8 bytes: what it makes of a text never changes. */
const encoder = new TextEncoder();

export const murmur3 = (text: string): number => murmur3Of(encoder.encode(text), 0);

/** Two hashes of 32 bits, of seeds of their own. */
export function murmur3Twice(text: string): readonly [number, number] {
  const bytes = encoder.encode(text);
  return [murmur3Of(bytes, 0), murmur3Of(bytes, otherSeed)];
}
const otherSeed = 0x9747b28c;

function murmur3Of(bytes: Uint8Array, seed: number): number {
  const blocks = bytes.length >>> 2;
  let hash = seed;
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
