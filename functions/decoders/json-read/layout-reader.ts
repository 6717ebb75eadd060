/**
 * Payloads of one layout: the same bytes between their values. What one producer writes has a few such layouts.
 *
 * LAYOUT-1 Its answer is what reading member by member would answer; where bytes differ from the layout, that goes on from there.
 *
 * Its code is made for the layout, since comparing known bytes one after the other, without a loop, and reading values in place
 * takes half of the time of `member-reader.ts`.
 */
import { endOfPlain, endOfText, endOfValue } from './json-grammar.ts';
import { literal, wantedValue } from './layout-code.ts';
import { madeFunction } from './made-function.ts';
import type { MemberReader, Place } from './member-reader.ts';
import type { TextAt } from './short-texts.ts';
import type { ValueAt } from './value-reader.ts';

/** Undefined: to be parsed as a whole, or, of `others`, to be read by who is next. */
export type LayoutReader = (bytes: Uint8Array) => Record<string, unknown> | typeof others | undefined;

/** In place of an answer: the payload is of another layout, and shows it at once. */
export const others = Symbol('of another layout');

/** More of them are no code to make: of members, and of bytes between values. */
const maxMembers = 64;
const maxBytes = 4_096;
/** What differs later, such as by a field that is sometimes there, is read on member by member from there. */
const membersThatTell = 2;

export type ReadWith = {
  /** Of each field. */
  readonly textAt: readonly TextAt[];
  readonly valueAt: readonly ValueAt[];
  /** Of a payload that differs from some place on. */
  readonly resume: MemberReader['resume'];
};

/** Undefined: no code is made for it. `bytes`: a payload that was read, of these places. */
export function layoutReader(
  names: readonly string[],
  bytes: Uint8Array,
  places: readonly Place[],
  { textAt, valueAt, resume }: ReadWith,
): LayoutReader | undefined {
  const starts = [0, ...places.map(({ to }) => to)];
  const ends = [...places.map(({ from }) => from), bytes.length];
  const between = starts.map((start, at) => bytes.slice(start, ends[at]));
  const size = between.reduce((sum, { length }) => sum + length, 0);
  if (places.length === 0 || places.length > maxMembers || size > maxBytes) return undefined;
  const fields = places.map(({ field }) => field).filter((field) => field >= 0);
  const body = [
    'let at = 0, from = 0, byte = 0;',
    ...fields.map((field) => `let value${field};`),
    ...places.flatMap(({ field }, member) => [
      literal(between[member]!, `return ${elsewhere(places, member)}`),
      field < 0 ? unwantedValue : wantedValue(field),
    ]),
    literal(between[places.length]!, `return ${elsewhere(places, places.length)}`, 'at the end'),
    `return { ${fields
      .sort((one, other) => one - other)
      .map((field) => `${JSON.stringify(names[field])}: value${field}`)
      .join(', ')} };`,
  ];
  const ofFields = fields.flatMap((field) => [
    [`textAt${field}`, textAt[field]],
    [`valueAt${field}`, valueAt[field]],
  ]);
  const scope = { ...grammar, others, resume, ...Object.fromEntries(ofFields) };
  return madeFunction<LayoutReader>(['bytes'], body.join('\n'), scope);
}

const grammar = { endOfPlain, endOfText, endOfValue };

/** What becomes of a payload with other bytes before this member. */
function elsewhere(places: readonly Place[], member: number): string {
  if (member < membersThatTell) return 'others';
  const read = places.slice(0, member).flatMap(({ field }) => (field < 0 ? [] : [field]));
  const seen = read.reduce((bits, field) => bits | (1 << field), 0);
  const values = Array.from({ length: Math.max(-1, ...read) + 1 }, (_, field) =>
    read.includes(field) ? `value${field}` : 'undefined',
  );
  return `resume(bytes, at, ${seen}, [${values.join(', ')}])`;
}

/** A text as it stands, whole digits, or whatever else is a value. */
const unwantedValue = `
from = at;
byte = bytes[at];
if (byte === 34) {
  at = endOfPlain(bytes, at + 1);
  if (bytes[at] === 34) at++;
  else at = endOfText(bytes, from);
} else if (byte >= 49 && byte <= 57) {
  do byte = bytes[++at]; while (byte >= 48 && byte <= 57);
  if (byte === 46 || byte === 69 || byte === 101) at = endOfValue(bytes, from);
} else at = endOfValue(bytes, at);
if (at < 0) return undefined;`;
