/**
 * Code that reads one value of JSON in place: a text, a number or a word. In all of it, `other` is how far out is what to leave for where
 * the payload is of another layout.
 */
import * as wasm from '../../webassembly/instructions.ts';
import { backslash, endsText, quote } from '../../webassembly/json-text.ts';
import {
  at,
  byte,
  bytes,
  chunk,
  decimals,
  escapes,
  first,
  from,
  high,
  mostDigits,
  odd,
  powersAddress,
  row,
  slotOf,
  slots,
  storeKind,
  storePlace,
  value,
  valueKinds,
} from './payload-rows.ts';

const { add, block, get, increase, isLess, isMore, isOther, isSame, leave, leaveIf, load32, load8, loop } = wasm;
const { number, set, store32, subtract, vector, when } = wasm;

/**
 * From one quote to behind the other. With an escape a text is left to JSON.parse, with its quotes. What is no ASCII is noted, but for bytes
 * behind the text, which the last vector has too.
 */
const text = (field: number, other: number): wasm.Code =>
  [
    increase(at, 1),
    set(from, get(at)),
    set(escapes, number(0)),
    loop(
      set(bytes, vector.load(get(at))),
      set(high, vector.bits(get(bytes))),
      set(byte, vector.bits(endsText(get(bytes)))),
      when(wasm.isZero(get(byte)), set(odd, wasm.or(get(odd), get(high))), increase(at, chunk), leave(1)),
      set(odd, wasm.or(get(odd), wasm.and(get(high), below(get(byte))))),
      set(at, add(get(at), wasm.zerosBelow(get(byte)))),
      when(isSame(load8(get(at)), number(backslash)), escaped(other + 2), set(escapes, number(1)), leave(1)),
    ),
    leaveIf(other, isOther(load8(get(at)), number(quote))),
    ...(field < 0 ? [] : storeText(field)),
    increase(at, 1),
  ].flat();

/** Ones below the first one. */
const below = (bits: wasm.Code): wasm.Code => subtract(wasm.and(bits, subtract(number(0), bits)), number(1));

const storeText = (field: number): readonly wasm.Code[] => [
  store32(get(row), subtract(get(from), get(escapes)), slotOf(field) + slots.value),
  store32(get(row), add(get(at), get(escapes)), slotOf(field) + slots.end),
  storeKind(field, valueKinds.text),
  when(get(escapes), storeKind(field, valueKinds.raw)),
];

/** Behind it. */
const escaped = (other: number): wasm.Code =>
  [
    set(byte, load8(get(at), 1)),
    increase(at, 2),
    block(
      ...[...'"\\/bfnrt'].map((letter) => leaveIf(0, isSame(get(byte), number(letter.charCodeAt(0))))),
      leaveIf(other + 1, isOther(get(byte), number('u'.charCodeAt(0)))),
      ...[0, 1, 2, 3].map((digit) => leaveIf(other + 1, wasm.isZero(isHex(load8(get(at), digit))))),
      increase(at, 4),
    ),
  ].flat();

const isHex = (read: wasm.Code): wasm.Code =>
  wasm.or(
    isLess(subtract(read, number(0x30)), number(10)),
    isLess(subtract(wasm.or(read, number(0x20)), number(0x61)), number(6)),
  );

const digits = (field: number): wasm.Code =>
  loop(
    set(byte, subtract(load8(get(at)), number(0x30))),
    when(
      isLess(get(byte), number(10)),
      field < 0
        ? []
        : set(value, wasm.addDoubles(wasm.multiplyDoubles(get(value), wasm.double(10)), wasm.toDouble(get(byte)))),
      increase(at, 1),
      leave(1),
    ),
  );

/** Behind the point, if there is one: `decimals` is where they begin, or 0. */
const fraction = (field: number, other: number): wasm.Code =>
  [
    set(decimals, number(0)),
    when(
      isSame(load8(get(at)), number(0x2e)),
      increase(at, 1),
      set(decimals, get(at)),
      digits(field),
      leaveIf(other + 1, isSame(get(at), get(decimals))),
    ),
  ].flat();

/** `from`: where it begins, `first`: its first digit. */
function numeric(field: number, other: number): wasm.Code {
  return [
    set(from, get(at)),
    when(isSame(get(byte), number(0x2d)), increase(at, 1)),
    set(first, get(at)),
    field < 0 ? [] : set(value, wasm.double(0)),
    // Nothing but a point may follow a zero: digits begin no literal.
    when(isSame(load8(get(at)), number(0x30)), increase(at, 1)),
    when(isSame(get(at), get(first)), digits(field)),
    when(
      isOther(get(at), get(first)),
      fraction(field, other + 1),
      field < 0 ? [] : storeNumber(field),
      // Out of the value.
      leave(1),
    ),
    leaveIf(other, isOther(get(from), get(first))),
  ].flat();
}

/** As `plainNumber` makes it, and of more digits where it stands. */
const storeNumber = (field: number): wasm.Code =>
  [
    when(
      isMore(subtract(get(at), get(first)), number(mostDigits)),
      store32(get(row), get(from), slotOf(field) + slots.value),
      storePlace(field, slots.end),
      storeKind(field, valueKinds.raw),
      leave(2),
    ),
    when(get(decimals), set(value, wasm.divideDoubles(get(value), powerOf(subtract(get(at), get(decimals)))))),
    when(isOther(get(from), get(first)), set(value, wasm.negative(get(value)))),
    wasm.storeDouble(get(row), get(value), slotOf(field) + slots.value),
    storeKind(field, valueKinds.number),
  ].flat();

const powerOf = (exponent: wasm.Code): wasm.Code => wasm.loadDouble(wasm.shiftLeft(exponent, number(3)), powersAddress);

const littleEndian = (word: string): number =>
  [...word].reduce((sum, letter, index) => sum + letter.charCodeAt(0) * 2 ** (8 * index), 0);
const isWord = (word: string): wasm.Code => isSame(load32(get(at)), number(littleEndian(word)));

const words = (field: number, other: number): wasm.Code =>
  [
    when(isWord('true'), increase(at, 4), storeKind(field, valueKinds.true), leave(1)),
    when(isWord('null'), increase(at, 4), storeKind(field, valueKinds.null), leave(1)),
    leaveIf(other, isOther(load32(get(at), 1), number(littleEndian('alse')))),
    leaveIf(other, isOther(load8(get(at)), number(0x66))),
    increase(at, 5),
    storeKind(field, valueKinds.false),
  ].flat();

/** `field`: less than 0, where nobody wants it. */
export const anyValue = (field: number, other: number): wasm.Code =>
  block(
    set(byte, load8(get(at))),
    when(isSame(get(byte), number(quote)), text(field, other + 2), leave(1)),
    numeric(field, other + 1),
    words(field, other + 1),
  );
