/** Any object of JSON, member by member: what reads a payload of a layout that is not known yet. */
import {
  backslash,
  closeBrace,
  comma,
  endOfPlain,
  endOfText,
  endOfValue,
  openBrace,
  quote,
  skipSpace,
  startOfMember,
  unread,
} from './json-grammar.ts';
import type { ValueAt } from './value-reader.ts';

/** Each has a bit of what was seen. */
export const maxFields = 30;

/** Where a value stands, and of which field it is; less than 0: of one that is not wanted. */
export type Place = { readonly from: number; readonly to: number; readonly field: number };

export type MemberReader = {
  /** The fields that the payload has, in the order of the names; undefined: to be parsed as a whole. */
  read(bytes: Uint8Array): Record<string, unknown> | undefined;
  /** From behind a value, with what was read before. `seen`: a bit for each field of it; `before`: their values, by field. */
  resume(bytes: Uint8Array, at: number, seen: number, before: readonly unknown[]): Record<string, unknown> | undefined;
  /** Of a payload that was read: its members. */
  placesOf(bytes: Uint8Array): readonly Place[];
};

/** `valueAt`: of each field. */
export function memberReader(names: readonly string[], valueAt: readonly ValueAt[]): MemberReader {
  const fieldAt = keyMatcher(names);
  const values: unknown[] = names.map(() => undefined);
  let seen = 0;
  /** `at`: of the quote of a key. The position behind its value. */
  const readMember = (bytes: Uint8Array, at: number): number => {
    const end = endOfKey(bytes, at);
    if (end === unread) return unread;
    const field = fieldAt(bytes, at + 1, end - 1);
    const bit = field < 0 ? 0 : 1 << field;
    const from = startOfMember(bytes, end);
    const to = from === unread ? unread : endOfValue(bytes, from);
    if (to === unread || (seen & bit) !== 0) return unread;
    if (bit !== 0) values[field] = valueAt[field]!(bytes, from, to);
    seen |= bit;
    return to;
  };
  /** `key`: of the first member that is left. Hot, where layouts differ from payload to payload. */
  const readFrom = (bytes: Uint8Array, key: number): Record<string, unknown> | undefined => {
    let at = key;
    while (at >= 0) {
      const to = readMember(bytes, at);
      at = to === unread ? unread : nextKey(bytes, to);
    }
    return at === ended ? objectOf(names, values, seen) : undefined;
  };
  return {
    read(bytes) {
      seen = 0;
      return readFrom(bytes, firstKey(bytes));
    },
    resume(bytes, at, seenBefore, before) {
      seen = seenBefore;
      for (let field = 0; field < before.length; field++) values[field] = before[field];
      return readFrom(bytes, nextKey(bytes, at));
    },
    placesOf(bytes) {
      const places: Place[] = [];
      for (let at = firstKey(bytes); at >= 0; ) {
        const end = endOfKey(bytes, at);
        const from = startOfMember(bytes, end);
        const to = endOfValue(bytes, from);
        places.push({ from, to, field: fieldAt(bytes, at + 1, end - 1) });
        at = nextKey(bytes, to);
      }
      return places;
    },
  };
}

/** In place of a position: the object has ended, and the payload with it. */
const ended = -2;

function firstKey(bytes: Uint8Array): number {
  const open = skipSpace(bytes, 0);
  if (bytes[open] !== openBrace) return unread;
  const key = skipSpace(bytes, open + 1);
  if (bytes[key] === quote) return key;
  return bytes[key] === closeBrace ? nextKey(bytes, key) : unread;
}

/** `at`: behind a value. */
function nextKey(bytes: Uint8Array, at: number): number {
  const next = skipSpace(bytes, at);
  if (bytes[next] === closeBrace) return skipSpace(bytes, next + 1) === bytes.length ? ended : unread;
  const key = bytes[next] === comma ? skipSpace(bytes, next + 1) : next;
  return bytes[next] === comma && bytes[key] === quote ? key : unread;
}

/** Behind the quote. One with an escape may be any key. */
function endOfKey(bytes: Uint8Array, from: number): number {
  const plain = endOfPlain(bytes, from + 1);
  if (bytes[plain] === quote) return plain + 1;
  const end = endOfText(bytes, from);
  for (let at = plain; at < end; at++) if (bytes[at] === backslash) return unread;
  return end;
}

function objectOf(names: readonly string[], values: readonly unknown[], seen: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let field = 0; field < names.length; field++) {
    if ((seen & (1 << field)) !== 0) object[names[field]!] = values[field];
  }
  return object;
}

const none = -1;
type KeyMatcher = (bytes: Uint8Array, from: number, to: number) => number;

/** Which field a key names: `from` to `to` is what stands between quotes. */
function keyMatcher(names: readonly string[]): KeyMatcher {
  const encoder = new TextEncoder();
  const keys = names.map((name, field) => ({ field, key: encoder.encode(name) }));
  const longest = Math.max(0, ...keys.map(({ key }) => key.length));
  const byLength = Array.from({ length: longest + 1 }, (_, length) => keys.filter(({ key }) => key.length === length));
  return (bytes, from, to) => {
    if (to - from > longest) return none;
    const candidates = byLength[to - from]!;
    for (let each = 0; each < candidates.length; each++) {
      const { key, field } = candidates[each]!;
      let at = 0;
      while (at < key.length && bytes[from + at] === key[at]) at++;
      if (at === key.length) return field;
    }
    return none;
  };
}
