/**
 * Where a value of JSON ends in the bytes of a payload.
 *
 * GRAMMAR-1 What is passed over is JSON in UTF-8, as JSON.parse and TextDecoder take it: whatever they would refuse has no
 *    end here. The reverse does not hold: deep nesting has none either.
 */
import { endOfSequence } from './utf8-sequence.ts';

/** In place of a position: not JSON, or more than is looked at here. */
export const unread = -1;

export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const backslash = 0x5c;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;

/** Objects and lists within each other: each is a call. */
const maxDepth = 64;

/** 1: a byte that is part of a text as it is: ASCII, but for control characters, the quote and the backslash. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== quote && byte !== backslash ? 1 : 0,
);

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  // Between most tokens is nothing, and everything that may follow one is larger than a space.
  while (at < bytes.length && bytes[at]! <= 0x20) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
  return at;
}

/** The first byte that is none of a text as it stands. Hot: most bytes of a payload go through here. */
export function endOfPlain(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && plain[bytes[at]!] === 1) at++;
  return at;
}

/** `at`: of the first byte of a value. The position behind its last one. */
export function endOfValue(bytes: Uint8Array, at: number, depth = 0): number {
  const byte = bytes[at];
  if (byte === quote) return endOfText(bytes, at);
  if (byte === openBrace) return depth < maxDepth ? endOfObject(bytes, at, depth) : unread;
  if (byte === openBracket) return depth < maxDepth ? endOfList(bytes, at, depth) : unread;
  if (byte === 0x74) return endOfWord(bytes, at, wordTrue);
  if (byte === 0x66) return endOfWord(bytes, at, wordFalse);
  if (byte === 0x6e) return endOfWord(bytes, at, wordNull);
  return endOfNumber(bytes, at);
}

/** `at`: of the opening quote. */
export function endOfText(bytes: Uint8Array, from: number): number {
  let at = endOfPlain(bytes, from + 1);
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === quote) return at + 1;
    if (byte === backslash) at = endOfEscape(bytes, at);
    else if (byte >= 0x80) at = endOfSequence(bytes, at);
    else return unread;
    if (at === unread) return unread;
    at = endOfPlain(bytes, at);
  }
  return unread;
}

/** "\/bfnrt */
const escaped = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]);

function endOfEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at + 1];
  if (byte === undefined) return unread;
  if (escaped.has(byte)) return at + 2;
  if (byte !== 0x75) return unread;
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(bytes[digit])) return unread;
  return at + 6;
}

const isHex = (byte = 0): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

export const isDigit = (byte = 0): boolean => byte >= 0x30 && byte <= 0x39;

function endOfDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
  return at === from ? unread : at;
}

function endOfNumber(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === minus ? from + 1 : from;
  let at = bytes[first] === zero ? first + 1 : endOfDigits(bytes, first);
  if (at !== unread && bytes[at] === point) at = endOfDigits(bytes, at + 1);
  // An e, small or large.
  if (at === unread || (bytes[at]! | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1];
  return endOfDigits(bytes, sign === minus || sign === plus ? at + 2 : at + 1);
}

const bytesOf = (word: string): Uint8Array => Uint8Array.from(word, (letter) => letter.charCodeAt(0));
const wordTrue = bytesOf('true');
const wordFalse = bytesOf('false');
const wordNull = bytesOf('null');

function endOfWord(bytes: Uint8Array, at: number, word: Uint8Array): number {
  for (let letter = 1; letter < word.length; letter++) if (bytes[at + letter] !== word[letter]) return unread;
  return at + word.length;
}

function endOfList(bytes: Uint8Array, from: number, depth: number): number {
  let at = skipSpace(bytes, from + 1);
  if (bytes[at] === closeBracket) return at + 1;
  while (at < bytes.length) {
    at = endOfValue(bytes, at, depth + 1);
    if (at === unread) return unread;
    at = skipSpace(bytes, at);
    if (bytes[at] === closeBracket) return at + 1;
    if (bytes[at] !== comma) return unread;
    at = skipSpace(bytes, at + 1);
  }
  return unread;
}

function endOfObject(bytes: Uint8Array, from: number, depth: number): number {
  let at = skipSpace(bytes, from + 1);
  if (bytes[at] === closeBrace) return at + 1;
  while (bytes[at] === quote) {
    at = endOfText(bytes, at);
    if (at === unread) return unread;
    at = startOfMember(bytes, at);
    if (at === unread) return unread;
    at = endOfValue(bytes, at, depth + 1);
    if (at === unread) return unread;
    at = skipSpace(bytes, at);
    if (bytes[at] === closeBrace) return at + 1;
    if (bytes[at] !== comma) return unread;
    at = skipSpace(bytes, at + 1);
  }
  return unread;
}

/** `at`: behind a key. Where its value begins. */
export function startOfMember(bytes: Uint8Array, at: number): number {
  const found = skipSpace(bytes, at);
  return bytes[found] === colon ? skipSpace(bytes, found + 1) : unread;
}
