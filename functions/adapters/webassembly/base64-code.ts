/**
 * From base64 to bytes, up to a quote: sixteen characters at a time, and the last ones four at a time.
 *
 * As by Wojciech Muła and Daniel Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions" (2018), with the tables for
 * vectors of sixteen bytes.
 */
import * as wasm from '../../webassembly/instructions.ts';

const { get, increase, isMore, isOther, leave, leaveIf, load8, loop, number, set, store8, vector, when } = wasm;

const quote = 0x22;
const padding = 0x3d;

type Locals = {
  /** Where the text is read, and where its bytes go: at least sixteen before. Both go on. */
  readonly at: wasm.Local;
  readonly out: wasm.Local;
  /** Vectors. */
  readonly bytes: wasm.Local;
  readonly high: wasm.Local;
  /** The first of `constantVectors` that `base64Constants` has set. */
  readonly constants: wasm.Local;
  readonly four: readonly [wasm.Local, wasm.Local, wasm.Local, wasm.Local];
  /** Of a table with the value of each character; 255: it has none. */
  readonly alphabetAddress: number;
};

/** `odd`: how far out is what to leave for where the text is no base64, or anything else is odd. */
export const base64Code = (locals: Locals, odd: number): wasm.Code => [...vectorsOf(locals), ...restOf(locals, odd)];

const lowNibbles = [0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a];
const highNibbles = [0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10];
const rolls = [0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0].map((roll) => roll & 255);
const everySecond = Array.from({ length: 16 }, (_, at) => (at % 2 === 0 ? 0xff : 0));
const twoOfFour = Array.from({ length: 16 }, (_, at) => (at % 4 < 2 ? 0xff : 0));
const threeOfFour = [2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 255, 255, 255, 255];
const all = (byte: number): readonly number[] => Array<number>(16).fill(byte);
const constants = [lowNibbles, highNibbles, rolls, all(0x0f), all(0x2f), everySecond, twoOfFour, threeOfFour];

export const constantVectors = constants.length;

/** To be set before the loops: V8 makes a constant where it stands, and each takes it four instructions. With this, base64 takes half. */
export const base64Constants = (first: wasm.Local): wasm.Code =>
  constants.flatMap((bytes, index) => set(first + index, vector.constant(bytes)));

/** Sixteen characters become twelve bytes, while all are of the alphabet. */
function vectorsOf({ at, out, bytes, high, constants: from }: Locals): wasm.Code {
  const [lows, highs, roll, lowBits, slash, ofPairs, ofFours, picked] = constants.map((_, index) => get(from + index));
  return loop(
    set(bytes, vector.load(get(at))),
    set(high, vector.shiftRightBytes(get(bytes), 4)),
    when(
      wasm.isZero(
        vector.isAny(vector.and(vector.pick(lows!, vector.and(get(bytes), lowBits!)), vector.pick(highs!, get(high)))),
      ),
      set(
        bytes,
        vector.addBytes(get(bytes), vector.pick(roll!, vector.addBytes(get(high), vector.same(get(bytes), slash!)))),
      ),
      set(
        bytes,
        vector.or(vector.shiftLeftPairs(vector.and(get(bytes), ofPairs!), 6), vector.shiftRightPairs(get(bytes), 8)),
      ),
      set(
        bytes,
        vector.or(vector.shiftLeftFours(vector.and(get(bytes), ofFours!), 12), vector.shiftRightFours(get(bytes), 16)),
      ),
      vector.store(get(out), vector.pick(get(bytes), picked!)),
      increase(at, 16),
      increase(out, 12),
      leave(1),
    ),
  );
}

/** Four characters: up to the quote, with the padding before it. */
function restOf({ at, out, four, alphabetAddress }: Locals, odd: number): wasm.Code {
  const [one, other, third, fourth] = four;
  const sextet = (offset: number): wasm.Code => load8(load8(get(at), offset), alphabetAddress);
  return loop(
    when(
      isOther(load8(get(at)), number(quote)),
      set(one, sextet(0)),
      set(other, sextet(1)),
      leaveIf(odd + 2, isMore(wasm.or(get(one), get(other)), number(63))),
      store8(get(out), wasm.or(wasm.shiftLeft(get(one), number(2)), wasm.shiftRight(get(other), number(4)))),
      set(third, sextet(2)),
      set(fourth, sextet(3)),
      when(
        isMore(wasm.or(get(third), get(fourth)), number(63)),
        leaveIf(odd + 3, isOther(load8(get(at), 3), number(padding))),
        leaveIf(odd + 3, isOther(load8(get(at), 4), number(quote))),
        increase(out, 1),
        when(
          isMore(get(third), number(63)),
          leaveIf(odd + 4, isOther(load8(get(at), 2), number(padding))),
          increase(at, 4),
          leave(3),
        ),
        store8(get(out), wasm.or(wasm.shiftLeft(get(other), number(4)), wasm.shiftRight(get(third), number(2)))),
        increase(out, 1),
        increase(at, 4),
        leave(2),
      ),
      store8(get(out), wasm.or(wasm.shiftLeft(get(other), number(4)), wasm.shiftRight(get(third), number(2))), 1),
      store8(get(out), wasm.or(wasm.shiftLeft(get(third), number(6)), get(fourth)), 2),
      increase(at, 4),
      increase(out, 3),
      leave(1),
    ),
  );
}
