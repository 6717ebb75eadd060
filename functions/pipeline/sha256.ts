/**
 * SHA-256 (FIPS 180-4) over UTF-8 bytes, as 64 hexadecimal digits. Written out because the core imports no module of Node's, and
 * because identities are made wherever a row is: in a function, in a thread, in a test kit. For names, a few at a time.
 */
const encoder = new TextEncoder();

/** The first 32 bits behind the point of the square roots of the first 8 primes, and of the cube roots of the first 64. */
const start = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19] as const;
const constants = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];
const blockBytes = 64;

export function sha256(text: string): string {
  const padded = withPadding(encoder.encode(text));
  const schedule = new Uint32Array(blockBytes);
  const hash = Uint32Array.from(start);
  for (let at = 0; at < padded.byteLength; at += blockBytes) {
    fill(schedule, padded, at);
    compress(hash, schedule);
  }
  return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('');
}

/** One bit that is set, zeros up to a whole block, and in the last eight bytes how many bits there were. */
function withPadding(bytes: Uint8Array): DataView {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / blockBytes) * blockBytes);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  return view;
}

function fill(schedule: Uint32Array, bytes: DataView, from: number): void {
  for (let at = 0; at < 16; at++) schedule[at] = bytes.getUint32(from + at * 4);
  for (let at = 16; at < 64; at++) {
    const [one, two] = [schedule[at - 15]!, schedule[at - 2]!];
    const first = turned(one, 7) ^ turned(one, 18) ^ (one >>> 3);
    const second = turned(two, 17) ^ turned(two, 19) ^ (two >>> 10);
    schedule[at] = schedule[at - 16]! + first + schedule[at - 7]! + second;
  }
}

/** Changes `hash`. The names are the standard's. */
function compress(hash: Uint32Array, schedule: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
  for (let at = 0; at < 64; at++) {
    const ofE = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const one = (h + ofE + ((e & f) ^ (~e & g)) + constants[at]! + schedule[at]!) | 0;
    const ofA = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const two = (ofA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  for (const [at, word] of [a, b, c, d, e, f, g, h].entries()) hash[at] = hash[at]! + word;
}

const turned = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));
