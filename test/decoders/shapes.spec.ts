/** Payloads read by the shape of those before: which are, and what is left to JSON.parse. The law is in `shapes.property.ts`. */
import { afterEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { shapesOf } from '../../functions/decoders/json-read/shapes.ts';
import { json } from '../../functions/index.ts';
import { utf8 } from '../support/builders.ts';
import { decoderOf } from './decoded.ts';

afterEach(() => vi.restoreAllMocks());

/** Payloads after which code is made. */
const few = 16;
/** After which it is looked whether that was worth it. */
const many = 5_000;

/** Of a payload after others like `before`: what is read, and what JSON.parse was asked for. */
function read(before: unknown, text: string): { readonly value: unknown; readonly parts: readonly string[] } {
  const parts: string[] = [];
  const shapes = shapesOf((part) => {
    parts.push(part);
    return JSON.parse(part);
  });
  for (let times = 0; times < few; times++) shapes.parsed(utf8(JSON.stringify(before)));
  return { value: shapes.read(utf8(text)), parts };
}

const event = { id: 7, user: { name: 'ada', tags: ['a', 'b'] }, at: 1.5, ok: true, none: null };
const like = (change: Record<string, unknown>): string => JSON.stringify({ ...event, ...change });

it.each([
  ['is one of those before', JSON.stringify(event)],
  ['has other values', like({ id: 'id-7', user: { name: 3, tags: ['', '𝄞'.length] }, at: -0.25, ok: null })],
])('nothing is parsed where a payload %s', (_, text) => {
  expect(read(event, text)).toEqual({ value: JSON.parse(text), parts: [] });
});

it.each([
  ['a list of other length', like({ user: { name: 'ada', tags: ['a'] } }), '["a"]'],
  ['an object with other names', like({ user: { tags: [] } }), '{"tags":[]}'],
  ['an object for a value', like({ at: { x: 1 } }), '{"x":1}'],
  ['a value for an object', like({ user: 17e20 }), '1.7e+21'],
  ['a text with an escape', like({ id: 'a"b' }), '"a\\"b"'],
  ['a text with other letters', like({ id: 'é' }), '"é"'],
])('only what is odd is parsed: %s', (_, text, part) => {
  expect(read(event, text)).toEqual({ value: JSON.parse(text), parts: [part] });
});

it.each([
  ['a name more', like({ more: 1 })],
  ['another order', JSON.stringify(Object.fromEntries(Object.entries(event).reverse()))],
  ['a space more', JSON.stringify(event).replace(',', ', ')],
  ['something behind it', `${JSON.stringify(event)} `],
  ['no end', JSON.stringify(event).slice(0, -1)],
  ['a number that begins with zero', JSON.stringify(event).replace('7', '07')],
])('it is left to JSON.parse if it has %s', (_, text) => {
  expect(read(event, text)).toEqual({ value: undefined, parts: [] });
});

it.each([
  ['a name that is not set by writing it', '{"a":{"__proto__":{"b":1}}}', { a: JSON.parse('{"__proto__":{"b":1}}') }],
  ['names that are numbers', '{"b":1,"2":2,"1":3}', { 1: 3, 2: 2, b: 1 }],
  ['a name twice', '{"a":1,"b":2,"a":3}', { a: 3, b: 2 }],
  ['an escape in a name', '{"\\u0061\\n":1}', { 'a\n': 1 }],
])('objects are those of JSON.parse, with %s', (_, text, value) => {
  const shapes = shapesOf(JSON.parse);
  for (let times = 0; times < few; times++) shapes.parsed(utf8(text));
  const got = shapes.read(utf8(text)) as object;
  expect(got).toEqual(value);
  expect(Object.keys(got)).toEqual(Object.keys(JSON.parse(text)));
});

it.each([
  ['long texts', () => ({ id: 1, text: 'long '.repeat(100) })],
  ['lists of any length', (at: number) => ({ id: 1, items: Array.from({ length: at % 7 }, () => ({ at })) })],
  ['any names', (at: number) => ({ [`name-${at}`]: at, id: 1 })],
])('it is given up where payloads have %s', (_, payloadOf) => {
  const shapes = shapesOf(JSON.parse);
  const payloads = Array.from({ length: 2 * many }, (__, at) => utf8(JSON.stringify(payloadOf(at))));
  for (const payload of payloads) if (shapes.read(payload) === undefined) shapes.parsed(payload);
  expect(payloads.filter((payload) => shapes.read(payload) !== undefined)).toEqual([]);
});

it.each([
  [16_000, true],
  [17_000, false],
])('a payload is not looked into if it is large (%i bytes of text)', (length, isRead) => {
  const large = { id: 1, text: 'a'.repeat(length) };
  const { value } = read(large, JSON.stringify(large));
  expect(value).toEqual(isRead ? large : undefined);
});

it('it is gone on with where they have none of that', () => {
  const shapes = shapesOf(JSON.parse);
  const payload = utf8(JSON.stringify(event));
  for (let times = 0; times < few; times++) shapes.parsed(payload);
  for (let times = 0; times < 2 * many; times++) if (shapes.read(payload) === undefined) shapes.parsed(payload);
  expect(shapes.read(payload)).toEqual(event);
});

it('a schema of which the fields are not known sees what was read so, in this batch and the next', () => {
  const parse = vi.spyOn(JSON, 'parse');
  const schema = z.custom<typeof event>();
  const payload = utf8(JSON.stringify(event));
  for (let times = 0; times < few; times++) decoderOf(json(schema))(payload);
  parse.mockClear();
  expect(decoderOf(json(schema))(payload)).toEqual(event);
  expect(parse).not.toHaveBeenCalled();
  expect(decoderOf(json(schema, { parse: 'whole' }))(payload)).toEqual(event);
  expect(parse).toHaveBeenCalledTimes(1);
});
