/** What a payload of a layout is made of: bytes that are the same in each, and what stands between them. */
import { endOfText, endOfValue, openBrace, openBracket, skipSpace, startOfMember } from './json-grammar.ts';
import type { Place } from './member-reader.ts';

/**
 * `value` is a text, a number or a word. `begin` and `end` are around a field that has others within it; each of these is a value.
 * Fields are those that are wanted, less than 0: another one.
 */
export type Leaf =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'value'; readonly field: number }
  | { readonly kind: 'begin' | 'end'; readonly field: number };

type Simple = { readonly from: number; readonly to: number };

/** More of them are no code to make: lists may be of any length, and a program of 5,000 values takes seconds and 600 MB to write. */
export const maxValues = 64;
const maxBytes = 4_096;

export const valuesIn = (leaves: readonly Leaf[]): number => leaves.filter(({ kind }) => kind === 'value').length;

/** `places`: of the members of a payload that was read. Undefined: they are too many, or the bytes between them. */
export function leavesOf(bytes: Uint8Array, places: readonly Place[]): readonly Leaf[] | undefined {
  const leaves: Leaf[] = [];
  let at = 0;
  let values = 0;
  const literalUpTo = (to: number): void => {
    if (to > at) leaves.push({ kind: 'literal', bytes: bytes.slice(at, to) });
    at = to;
  };
  for (const { from, to, field } of places) {
    literalUpTo(from);
    const within = simpleValues(bytes, from);
    values += within.length;
    if (values > maxValues) return undefined;
    const isNested = within[0]?.from !== from;
    if (isNested && field >= 0) leaves.push({ kind: 'begin', field });
    for (const simple of within) {
      literalUpTo(simple.from);
      leaves.push({ kind: 'value', field: isNested ? -1 : field });
      at = simple.to;
    }
    literalUpTo(to);
    if (isNested && field >= 0) leaves.push({ kind: 'end', field });
  }
  literalUpTo(bytes.length);
  return bytesBetween(leaves) > maxBytes ? undefined : leaves;
}

const bytesBetween = (leaves: readonly Leaf[]): number =>
  leaves.reduce((sum, leaf) => sum + (leaf.kind === 'literal' ? leaf.bytes.length : 0), 0);

/** Those that a value is made of, in their order; itself if it is one. Of more than `maxValues` not all. */
function simpleValues(bytes: Uint8Array, from: number, found: Simple[] = []): readonly Simple[] {
  const isObject = bytes[from] === openBrace;
  if (!isObject && bytes[from] !== openBracket) {
    found.push({ from, to: endOfValue(bytes, from) });
    return found;
  }
  const end = endOfValue(bytes, from);
  let at = skipSpace(bytes, from + 1);
  while (at < end - 1 && found.length <= maxValues) {
    if (isObject) at = startOfMember(bytes, endOfText(bytes, at));
    simpleValues(bytes, at, found);
    at = skipSpace(bytes, endOfValue(bytes, at));
    // The comma, or the end.
    at = skipSpace(bytes, at + 1);
  }
  return found;
}
