/**
 * MD5, computed here: the kit has no modules of Node. Only what the Kinesis Producer Library (KPL) has packed is looked at
 * with it.
 */

const blockBytes = 64;
/** Of the length, at the end of the last block. */
const lengthBytes = 8;

/** By round of 16, how far each of four steps in turn rotates. */
const rotations = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const constants = Array.from({ length: 64 }, (_, at) => Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32) | 0);

/** Which word of the block a step takes. */
const places = [
  (at: number) => at,
  (at: number) => (5 * at + 1) % 16,
  (at: number) => (3 * at + 5) % 16,
  (at: number) => (7 * at) % 16,
] as const;
const mixes = [
  (b: number, c: number, d: number) => (b & c) | (~b & d),
  (b: number, c: number, d: number) => (d & b) | (~d & c),
  (b: number, c: number, d: number) => b ^ c ^ d,
  (b: number, c: number, d: number) => c ^ (b | ~d),
] as const;

type Words = readonly [number, number, number, number];

/** The digest, 16 bytes. */
export function md5(bytes: Uint8Array): Uint8Array {
  const blocks = padded(bytes);
  let words: Words = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let at = 0; at < blocks.byteLength; at += blockBytes) words = afterBlock(words, blocks, at);
  const digest = new DataView(new ArrayBuffer(16));
  for (const [at, word] of words.entries()) digest.setInt32(at * 4, word, true);
  return new Uint8Array(digest.buffer);
}

function padded(bytes: Uint8Array): DataView {
  const length = Math.ceil((bytes.length + 1 + lengthBytes) / blockBytes) * blockBytes;
  const padding = new Uint8Array(length);
  padding.set(bytes);
  padding[bytes.length] = 0x80;
  const view = new DataView(padding.buffer);
  view.setBigUint64(length - lengthBytes, BigInt(bytes.length) * 8n, true);
  return view;
}

function afterBlock(words: Words, blocks: DataView, from: number): Words {
  let [a, b, c, d] = words;
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    const word = blocks.getInt32(from + places[round]!(step & 15) * 4, true);
    const sum = (a + mixes[round]!(b, c, d) + constants[step]! + word) | 0;
    const by = rotations[round]![step & 3]!;
    [a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0];
  }
  return [(words[0] + a) | 0, (words[1] + b) | 0, (words[2] + c) | 0, (words[3] + d) | 0];
}
