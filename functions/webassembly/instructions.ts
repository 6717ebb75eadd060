/**
 * Instructions of WebAssembly as expressions and statements: each is the bytes that it is written as, so that a program reads like one.
 *
 *     loop(set(sum, add(get(sum), load8(get(at)))), increase(at, 1), leaveIf(0, isLess(get(at), get(end))))
 *
 * The numbers are those of the specification: https://webassembly.github.io/spec/core/appendix/index-instructions.html
 */
import { signed, unsigned } from './format.ts';

export type Code = readonly number[];
/** By its place among parameters and locals. */
export type Local = number;

const nothing = 0x40;
const always = 0x0c;
const conditionally = 0x0d;

const two =
  (instruction: number) =>
  (one: Code, other: Code): Code => [...one, ...other, instruction];
const twoOfVectors =
  (instruction: number) =>
  (one: Code, other: Code): Code => [...one, ...other, 0xfd, ...unsigned(instruction)];
const shiftOfVectors =
  (instruction: number) =>
  (vector: Code, bits: number): Code => [...vector, ...number(bits), 0xfd, ...unsigned(instruction)];

export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const number = (value: number): Code => [0x41, ...signed(value)];
/** A number with a fraction, in the order of its bytes. */
export const double = (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)];

export const add = two(0x6a);
export const subtract = two(0x6b);
export const and = two(0x71);
export const or = two(0x72);
export const shiftLeft = two(0x74);
export const shiftRight = two(0x76);
export const isSame = two(0x46);
export const isOther = two(0x47);
/** Without a sign. */
export const isLess = two(0x49);
export const isMore = two(0x4b);
export const isZero = (value: Code): Code => [...value, 0x45];
/** How many bits are zero below the first that is one. */
export const zerosBelow = (value: Code): Code => [...value, 0x68];

export const addDoubles = two(0xa0);
export const multiplyDoubles = two(0xa2);
export const divideDoubles = two(0xa3);
export const isMoreDouble = two(0x64);
export const negative = (value: Code): Code => [...value, 0x9a];
export const toDouble = (value: Code): Code => [...value, 0xb8];

/** Wherever it is: no address need be a multiple of anything. */
const at = (offset: number): Code => [0, ...unsigned(offset)];
export const load8 = (address: Code, offset = 0): Code => [...address, 0x2d, ...at(offset)];
export const load32 = (address: Code, offset = 0): Code => [...address, 0x28, ...at(offset)];
export const store8 = (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x3a, ...at(offset)];
export const store32 = (address: Code, value: Code, offset = 0): Code => [
  ...[...address, ...value],
  ...[0x36, ...at(offset)],
];
export const loadDouble = (address: Code, offset = 0): Code => [...address, 0x2b, ...at(offset)];
export const storeDouble = (address: Code, value: Code, offset = 0): Code => [
  ...[...address, ...value],
  ...[0x39, ...at(offset)],
];

/** A local, by so much. */
export const increase = (local: Local, amount: number): Code => set(local, add(get(local), number(amount)));

/** Vectors of sixteen bytes. */
export const vector = {
  load: (address: Code, offset = 0): Code => [...address, 0xfd, 0, ...at(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0xfd, 11, ...at(offset)],
  constant: (bytes: readonly number[]): Code => [0xfd, 12, ...bytes],
  repeated: (byte: number): Code => vector.constant(Array<number>(16).fill(byte & 255)),
  /** Each byte of `indices` becomes the byte of `table` at that place. */
  pick: twoOfVectors(14),
  same: twoOfVectors(35),
  /** Of bytes without a sign. */
  less: twoOfVectors(38),
  and: twoOfVectors(78),
  or: twoOfVectors(80),
  xor: twoOfVectors(81),
  isAny: (value: Code): Code => [...value, 0xfd, 83],
  /** A bit for each byte: its highest. */
  bits: (value: Code): Code => [...value, 0xfd, ...unsigned(100)],
  addBytes: twoOfVectors(110),
  shiftRightBytes: shiftOfVectors(109),
  shiftLeftPairs: shiftOfVectors(139),
  shiftRightPairs: shiftOfVectors(141),
  shiftLeftFours: shiftOfVectors(171),
  shiftRightFours: shiftOfVectors(173),
} as const;

/** `leave` within it goes on behind it. Depths count what stands between: blocks, loops and conditions. */
export const block = (...code: readonly Code[]): Code => [0x02, nothing].concat(...code, 0x0b);
/** `leave` within it goes on at its start. */
export const loop = (...code: readonly Code[]): Code => [0x03, nothing].concat(...code, 0x0b);
export const when = (condition: Code, ...code: readonly Code[]): Code => condition.concat(0x04, nothing, ...code, 0x0b);
export const leave = (depth: number): Code => [always, ...unsigned(depth)];
export const leaveIf = (depth: number, condition: Code): Code => [...condition, conditionally, ...unsigned(depth)];
export const answer = (value: Code): Code => [...value, 0x0f];
