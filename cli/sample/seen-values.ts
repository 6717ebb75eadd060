/**
 * What some events have in each of their fields.
 *
 * SEEN-1 Of values only kinds, counts and lengths are kept, unless values are asked for.
 * SEEN-2 What was seen does not depend on the order of the events, but for the examples.
 */
import * as z from 'zod';

export type Seen = {
  /** Values at this place, null included. */
  count: number;
  nulls: number;
  booleans: number;
  readonly numbers: NumbersSeen;
  readonly strings: StringsSeen;
  readonly arrays: { count: number; longest: number; items: Seen | undefined };
  readonly objects: { count: number; readonly fields: Map<string, Seen> };
  /** JSON of a few; empty unless they are asked for. */
  readonly examples: Set<string>;
};

type NumbersSeen = {
  count: number;
  whole: number;
  /** Whole, and beyond 2^53: they were rounded by whoever parsed them. */
  beyondSafe: number;
  /** Whole, and of this century as epoch milliseconds. */
  epochMs: number;
  least: number;
  most: number;
};

type StringsSeen = { count: number; longest: number; readonly formats: Record<StringFormat, number> };

export type StringFormat = keyof typeof formats;

/** The schemas that a draft is made of say themselves what fits. */
const formats = {
  dateTime: z.iso.datetime({ offset: true }),
  date: z.iso.date(),
  uuid: z.uuid(),
};

export const stringFormats = Object.keys(formats) as readonly StringFormat[];

const mostExamples = 3;
const mostDepth = 30;
const centuryMs = { from: Date.UTC(2000, 0, 1), to: Date.UTC(2100, 0, 1) };

export const nothingSeen = (): Seen => ({
  count: 0,
  nulls: 0,
  booleans: 0,
  numbers: { count: 0, whole: 0, beyondSafe: 0, epochMs: 0, least: Infinity, most: -Infinity },
  strings: { count: 0, longest: 0, formats: { dateTime: 0, date: 0, uuid: 0 } },
  arrays: { count: 0, longest: 0, items: undefined },
  objects: { count: 0, fields: new Map() },
  examples: new Set(),
});

/** Adds a parsed JSON value. */
export function see(seen: Seen, value: unknown, { keepsValues }: { readonly keepsValues: boolean }, depth = 0): void {
  seen.count += 1;
  if (value === null || depth > mostDepth) seen.nulls += value === null ? 1 : 0;
  else if (Array.isArray(value)) {
    seen.arrays.count += 1;
    seen.arrays.longest = Math.max(seen.arrays.longest, value.length);
    if (value.length > 0) seen.arrays.items ??= nothingSeen();
    for (const item of value) see(seen.arrays.items!, item, { keepsValues }, depth + 1);
  } else if (typeof value === 'object') {
    seen.objects.count += 1;
    for (const [name, field] of Object.entries(value)) {
      const known = seen.objects.fields.get(name) ?? nothingSeen();
      seen.objects.fields.set(name, known);
      see(known, field, { keepsValues }, depth + 1);
    }
  } else seeScalar(seen, value, keepsValues);
}

function seeScalar(seen: Seen, value: unknown, keepsValues: boolean): void {
  if (keepsValues && seen.examples.size < mostExamples) seen.examples.add(JSON.stringify(value));
  if (typeof value === 'boolean') seen.booleans += 1;
  if (typeof value === 'number') seeNumber(seen.numbers, value);
  if (typeof value === 'string') seeString(seen.strings, value);
}

function seeNumber(numbers: NumbersSeen, value: number): void {
  numbers.count += 1;
  if (Number.isInteger(value)) numbers.whole += 1;
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) numbers.beyondSafe += 1;
  if (Number.isInteger(value) && value >= centuryMs.from && value < centuryMs.to) numbers.epochMs += 1;
  numbers.least = Math.min(numbers.least, value);
  numbers.most = Math.max(numbers.most, value);
}

function seeString(strings: StringsSeen, value: string): void {
  strings.count += 1;
  strings.longest = Math.max(strings.longest, value.length);
  for (const name of stringFormats) if (formats[name].safeParse(value).success) strings.formats[name] += 1;
}

/** The values of several places as those of one. */
export function merged(all: readonly Seen[]): Seen {
  const into = nothingSeen();
  for (const one of all) merge(into, one);
  return into;
}

function merge(into: Seen, from: Seen): void {
  for (const name of ['count', 'nulls', 'booleans'] as const) into[name] += from[name];
  for (const name of ['count', 'whole', 'beyondSafe', 'epochMs'] as const) into.numbers[name] += from.numbers[name];
  into.numbers.least = Math.min(into.numbers.least, from.numbers.least);
  into.numbers.most = Math.max(into.numbers.most, from.numbers.most);
  into.strings.count += from.strings.count;
  into.strings.longest = Math.max(into.strings.longest, from.strings.longest);
  for (const name of stringFormats) into.strings.formats[name] += from.strings.formats[name];
  into.arrays.count += from.arrays.count;
  into.arrays.longest = Math.max(into.arrays.longest, from.arrays.longest);
  if (from.arrays.items !== undefined) {
    into.arrays.items ??= nothingSeen();
    merge(into.arrays.items, from.arrays.items);
  }
  into.objects.count += from.objects.count;
  for (const [name, field] of from.objects.fields) {
    const known = into.objects.fields.get(name) ?? nothingSeen();
    into.objects.fields.set(name, known);
    merge(known, field);
  }
  for (const example of from.examples) if (into.examples.size < mostExamples) into.examples.add(example);
}

/**
 * Whether the names of an object's fields are themselves values, such as ids: very many of them, and most in few objects. Then they are
 * told of no more than values are.
 */
export function isKeyedByValues({ objects: { count, fields } }: Seen): boolean {
  if (fields.size <= mostNames) return false;
  const rare = [...fields.values()].filter((field) => field.count < count / 10);
  return rare.length > fields.size / 2 || fields.size > tooManyNames;
}

const mostNames = 50;
const tooManyNames = 500;
