/** The rounds of MD5 (RFC 1321), in numbers of 32 bits with a sign. */

/** Of a message of which no block is taken yet. */
export const initialState: Readonly<Int32Array> = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);

/** Of each step, as 32 bits of its sine. */
export const sines: Readonly<Int32Array> = Int32Array.from(
  { length: 64 },
  (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32) | 0,
);

/** `state`: four words, which become those behind the block. `x`: the sixteen words of the block, the lowest byte of each first. */
export function addBlock(state: Int32Array, x: Int32Array): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let s = 0;
  const k = sines;
  for (let at = 0; at < 16; at += 4) {
    s = (a + (d ^ (b & (c ^ d))) + x[at]! + k[at]!) | 0;
    a = (((s << 7) | (s >>> 25)) + b) | 0;
    s = (d + (c ^ (a & (b ^ c))) + x[at + 1]! + k[at + 1]!) | 0;
    d = (((s << 12) | (s >>> 20)) + a) | 0;
    s = (c + (b ^ (d & (a ^ b))) + x[at + 2]! + k[at + 2]!) | 0;
    c = (((s << 17) | (s >>> 15)) + d) | 0;
    s = (b + (a ^ (c & (d ^ a))) + x[at + 3]! + k[at + 3]!) | 0;
    b = (((s << 22) | (s >>> 10)) + c) | 0;
  }
  for (let at = 16; at < 32; at += 4) {
    s = (a + (c ^ (d & (b ^ c))) + x[(5 * at + 1) & 15]! + k[at]!) | 0;
    a = (((s << 5) | (s >>> 27)) + b) | 0;
    s = (d + (b ^ (c & (a ^ b))) + x[(5 * at + 6) & 15]! + k[at + 1]!) | 0;
    d = (((s << 9) | (s >>> 23)) + a) | 0;
    s = (c + (a ^ (b & (d ^ a))) + x[(5 * at + 11) & 15]! + k[at + 2]!) | 0;
    c = (((s << 14) | (s >>> 18)) + d) | 0;
    s = (b + (d ^ (a & (c ^ d))) + x[(5 * at) & 15]! + k[at + 3]!) | 0;
    b = (((s << 20) | (s >>> 12)) + c) | 0;
  }
  for (let at = 32; at < 48; at += 4) {
    s = (a + (b ^ c ^ d) + x[(3 * at + 5) & 15]! + k[at]!) | 0;
    a = (((s << 4) | (s >>> 28)) + b) | 0;
    s = (d + (a ^ b ^ c) + x[(3 * at + 8) & 15]! + k[at + 1]!) | 0;
    d = (((s << 11) | (s >>> 21)) + a) | 0;
    s = (c + (d ^ a ^ b) + x[(3 * at + 11) & 15]! + k[at + 2]!) | 0;
    c = (((s << 16) | (s >>> 16)) + d) | 0;
    s = (b + (c ^ d ^ a) + x[(3 * at + 14) & 15]! + k[at + 3]!) | 0;
    b = (((s << 23) | (s >>> 9)) + c) | 0;
  }
  for (let at = 48; at < 64; at += 4) {
    s = (a + (c ^ (b | ~d)) + x[(7 * at) & 15]! + k[at]!) | 0;
    a = (((s << 6) | (s >>> 26)) + b) | 0;
    s = (d + (b ^ (a | ~c)) + x[(7 * at + 7) & 15]! + k[at + 1]!) | 0;
    d = (((s << 10) | (s >>> 22)) + a) | 0;
    s = (c + (a ^ (d | ~b)) + x[(7 * at + 14) & 15]! + k[at + 2]!) | 0;
    c = (((s << 15) | (s >>> 17)) + d) | 0;
    s = (b + (d ^ (c | ~a)) + x[(7 * at + 5) & 15]! + k[at + 3]!) | 0;
    b = (((s << 21) | (s >>> 11)) + c) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}
