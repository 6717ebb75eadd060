/**
 * The records of an answer, all that are laid out like the first one, as a WebAssembly program: bytes are looked at sixteen at a time, and
 * base64 becomes bytes on the way. What is written over is only what was read: the output begins `lead` bytes before the input, and grows
 * more slowly.
 *
 *     {"SequenceNumber":"49…","ApproximateArrivalTimestamp":1.4E9,"Data":"eyJ…","PartitionKey":"k"},{…},…]
 *     └─── literal ────┘text └──────────── literal ─────────────┘└ and so on
 *
 *   run(at, out, table, tableEnd, layout): the place behind the closing bracket; 0: something is not as in the layout.
 *
 * A layout is a step for each member and one for the end, in the order of the first record:
 *     kind, offset in the row of the table, chunks and bytes of the literal before it; then of each chunk its bytes and its mask.
 * A row of the table has where texts and payload begin and end, as `fields` says, and the time of arrival as a double.
 */
import { moduleOf, type Type, types } from '../../webassembly/format.ts';
import * as wasm from '../../webassembly/instructions.ts';
import { endsText, quote } from '../../webassembly/json-text.ts';
import { base64Code, base64Constants, constantVectors } from './base64-code.ts';

const { add, get, isLess, isMore, increase, isOther, isSame, leave, leaveIf, load32, load8, loop, number, set, when } =
  wasm;
const { block, store32, subtract, vector } = wasm;

export const kinds = { text: 0, seconds: 1, base64: 2, end: 3 } as const;
export const rowBytes = 32;
/** Offsets in a row. Texts and payloads have their end four bytes behind their beginning. */
export const fields = { sequence: 0, key: 8, data: 16, arrival: 24 } as const;
export const stepBytes = 16;
/** Where the program leaves the ends of what it wrote, and its table of base64. */
export const outEndAddress = 0;
export const tableEndAddress = 4;
export const alphabetAddress = 16;
export const freeAddress = alphabetAddress + 256;
export const chunkBytes = 16;
export const lead = 16;

const [at, out, table, tableEnd, layout] = [0, 1, 2, 3, 4] as const;
const parameters = 5;
const locals = { step: 5, chunks: 6, to: 7, byte: 8, digits: 9, power: 10, first: 11, value: 12, bytes: 13, high: 14 };
const constants = 15;
const localTypes: readonly Type[] = [
  ...Array<Type>(7).fill(types.i32),
  types.f64,
  ...Array<Type>(2 + constantVectors).fill(types.v128),
];
const { step, chunks, to, byte, digits, power, first, value, bytes, high } = locals;

/** Leaves for what is odd: past the loops of steps and of records. `depth`: of what stands around it within a step. */
const odd = (depth: number): number => depth + 2;

/** Chunk by chunk: `at` goes behind the literal, `step` to the next one. */
const literal = (): wasm.Code =>
  [
    set(chunks, load32(get(step), 8)),
    set(to, get(at)),
    set(byte, add(get(step), number(stepBytes))),
    loop(
      leaveIf(
        odd(1),
        vector.isAny(
          vector.and(vector.xor(vector.load(get(to)), vector.load(get(byte))), vector.load(get(byte), chunkBytes)),
        ),
      ),
      increase(to, chunkBytes),
      increase(byte, 2 * chunkBytes),
      set(chunks, subtract(get(chunks), number(1))),
      leaveIf(0, get(chunks)),
    ),
    set(at, add(get(at), load32(get(step), 12))),
    set(to, add(get(table), load32(get(step), 4))),
    set(chunks, load32(get(step))),
    set(step, get(byte)),
  ].flat();

/** Up to its quote, if nothing in it is written in another way than it is. */
const text = (): wasm.Code =>
  [
    store32(get(to), get(out)),
    loop(
      set(bytes, vector.load(get(at))),
      vector.store(get(out), get(bytes)),
      set(byte, vector.bits(endsText(get(bytes)))),
      when(wasm.isZero(get(byte)), increase(at, chunkBytes), increase(out, chunkBytes), leave(1)),
    ),
    set(byte, wasm.zerosBelow(get(byte))),
    set(at, add(get(at), get(byte))),
    set(out, add(get(out), get(byte))),
    leaveIf(odd(1), isOther(load8(get(at)), number(quote))),
    store32(get(to), get(out), 4),
  ].flat();

/** Into `value` and `digits`, as long as there are some. `within`: of each of them. */
const readDigits = (...within: readonly wasm.Code[]): wasm.Code =>
  loop(
    set(byte, subtract(load8(get(at)), number(0x30))),
    when(
      isLess(get(byte), number(10)),
      set(value, wasm.addDoubles(wasm.multiplyDoubles(get(value), wasm.double(10)), wasm.toDouble(get(byte)))),
      increase(digits, 1),
      increase(at, 1),
      ...within,
      leave(1),
    ),
  );

/** As `readSeconds` reads them that a double has exactly. */
const seconds = (): wasm.Code =>
  [
    set(digits, number(0)),
    set(value, wasm.double(0)),
    set(power, number(3)),
    set(first, load8(get(at))),
    readDigits(),
    leaveIf(odd(1), wasm.isZero(get(digits))),
    when(isMore(get(digits), number(1)), leaveIf(odd(2), isSame(get(first), number(0x30)))),
    when(
      isSame(load8(get(at)), number(0x2e)),
      increase(at, 1),
      set(first, get(digits)),
      readDigits(set(power, subtract(get(power), number(1)))),
      leaveIf(odd(2), isSame(get(digits), get(first))),
    ),
    leaveIf(odd(1), isMore(get(digits), number(15))),
    when(
      isSame(wasm.or(load8(get(at)), number(0x20)), number(0x65)),
      increase(at, 1),
      when(isSame(load8(get(at)), number(0x2b)), increase(at, 1)),
      // Of two digits at most; what is more is no literal.
      set(byte, subtract(load8(get(at)), number(0x30))),
      leaveIf(odd(2), isMore(get(byte), number(9))),
      increase(at, 1),
      set(first, subtract(load8(get(at)), number(0x30))),
      when(isLess(get(first), number(10)), leaveIf(odd(3), get(byte)), set(byte, get(first)), increase(at, 1)),
      set(power, add(get(power), get(byte))),
    ),
    // Also one that is less than nothing.
    leaveIf(odd(1), isMore(get(power), number(15))),
    loop(
      when(
        get(power),
        set(value, wasm.multiplyDoubles(get(value), wasm.double(10))),
        set(power, subtract(get(power), number(1))),
        leave(1),
      ),
    ),
    leaveIf(odd(1), wasm.isMoreDouble(get(value), wasm.double(1e14))),
    wasm.storeDouble(get(to), get(value)),
  ].flat();

const base64 = (): wasm.Code =>
  [
    store32(get(to), get(out)),
    base64Code({ at, out, bytes, high, constants, four: [first, digits, power, chunks], alphabetAddress }, odd(1)),
    store32(get(to), get(out), 4),
  ].flat();

const isKind = (kind: number): wasm.Code => isSame(get(chunks), number(kind));
/** Within conditions, the loop of steps is one further out. */
const ofKind = (kind: number, code: wasm.Code): wasm.Code => when(isKind(kind), code, leave(1));

const program = (): wasm.Code =>
  [
    base64Constants(constants),
    block(
      loop(
        leaveIf(1, wasm.isZero(isLess(get(table), get(tableEnd)))),
        set(step, get(layout)),
        loop(literal(), ofKind(kinds.text, text()), ofKind(kinds.base64, base64()), ofKind(kinds.seconds, seconds())),
        // The end of a record.
        increase(table, rowBytes),
        set(byte, load8(get(at))),
        increase(at, 1),
        leaveIf(0, isSame(get(byte), number(0x2c))),
        leaveIf(1, isOther(get(byte), number(0x5d))),
        store32(number(outEndAddress), get(out)),
        store32(number(tableEndAddress), get(table)),
        wasm.answer(get(at)),
      ),
    ),
    number(0),
  ].flat();

export function recordProgram(mostPages: number): Uint8Array<ArrayBuffer> {
  return moduleOf({ parameters, result: types.i32, locals: localTypes, code: program(), pages: 1, mostPages });
}
