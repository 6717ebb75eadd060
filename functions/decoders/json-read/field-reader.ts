/**
 * Some fields of an object of JSON, out of the bytes of a payload.
 *
 * FIELDS-1 Either the fields have the values that JSON.parse of the whole gives them, or the answer is undefined: also where
 *    JSON.parse, or reading the bytes as UTF-8, would refuse the whole.
 * FIELDS-2 What may be written in several ways is left to JSON.parse: of the value alone (escapes, exponents, many digits, what is
 *    within each other), or of the whole (a key with an escape, a field that comes twice).
 */
import type { Payloads } from '../decoder-kind.ts';
import { type FieldsAhead, fieldsAhead } from './fields-ahead.ts';
import { type LayoutReader, layoutReader, others } from './layout-reader.ts';
import { type Leaf, leavesOf, valuesIn } from './leaves.ts';
import { memberReader } from './member-reader.ts';
import { shortTexts } from './short-texts.ts';
import { valueReader } from './value-reader.ts';

/** The fields that the payload has; undefined: to be parsed as a whole. Hot: called once per event. */
export type FieldReader = {
  (bytes: Uint8Array): Record<string, unknown> | undefined;
  /** Undefined: no layout is known yet, it was asked for few, or no program can run here. */
  ahead(payloads: Payloads, count: number): ReturnType<FieldsAhead> | undefined;
};

/** Layouts of which code is kept: for one payload at a time, which is asked of each in turn, and for many. */
const maxLayouts = 4;
const maxTogether = 8;
/** Of all layouts that are read together: each takes 700 bytes of a program, and 0.2 MB once that is compiled to be fast. */
const maxValuesTogether = 128;
/** To write a program takes as long as it saves of some ten thousand payloads: a function that has just started may have fewer than these. */
export const firstAhead = 256;
/** Payloads of no known layout before code is made for one; twice as many before the next. */
const firstWait = 16;

/** `parse`: of a text that is one value of JSON. */
export function fieldReader(names: readonly string[], parse: (text: string) => unknown): FieldReader {
  const textAt = names.map(shortTexts);
  const valueAt = textAt.map((each) => valueReader(parse, each));
  const members = memberReader(names, valueAt);
  /** The newest first. */
  let layouts: readonly LayoutReader[] = [];
  let together: readonly (readonly Leaf[])[] = [];
  let ahead: FieldsAhead | undefined;
  let isAheadOld = false;
  let asked = 0;
  let wait = firstWait;
  let left = wait;

  const learn = (bytes: Uint8Array): void => {
    wait *= 2;
    left = wait;
    const places = members.placesOf(bytes);
    const read = layoutReader(names, bytes, places, { textAt, valueAt, resume });
    if (read === undefined) return;
    layouts = [read, ...layouts.slice(0, maxLayouts - 1)];
    const leaves = leavesOf(bytes, places);
    if (leaves === undefined) return;
    together = newest([leaves, ...together]);
    isAheadOld = true;
  };
  const counted = (bytes: Uint8Array, read: Record<string, unknown> | undefined): typeof read => {
    if (read !== undefined && --left === 0) learn(bytes);
    return read;
  };
  const resume: typeof members.resume = (bytes, at, seen, before) =>
    counted(bytes, members.resume(bytes, at, seen, before));

  const reader = (bytes: Uint8Array): Record<string, unknown> | undefined => {
    for (let at = 0; at < layouts.length; at++) {
      const read = layouts[at]!(bytes);
      if (read !== others) return read;
    }
    return counted(bytes, members.read(bytes));
  };
  return Object.assign(reader, {
    ahead: (payloads: Payloads, count: number) => {
      asked += count;
      if (asked <= firstAhead) return undefined;
      if (isAheadOld) ahead = fieldsAhead(together, { names, textAt, valueAt });
      isAheadOld = false;
      return ahead?.(payloads, count);
    },
  });
}

/** So many of them, from the first one on, as one program is made of. */
function newest(layouts: readonly (readonly Leaf[])[]): readonly (readonly Leaf[])[] {
  let left = maxValuesTogether;
  const tooMany = layouts.findIndex((leaves) => {
    left -= valuesIn(leaves);
    return left < 0;
  });
  return layouts.slice(0, tooMany < 0 ? maxTogether : Math.min(tooMany, maxTogether));
}
