/** Fields of payloads that lie beside each other: which are read together, and which are left to be read one by one. The law is in `json-fields.property.ts`. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fieldReader, firstAhead } from '../../functions/decoders/json-read/field-reader.ts';
import { json } from '../../functions/index.ts';
import { utf8 } from '../support/builders.ts';
import { inOneBuffer } from '../support/in-one-buffer.ts';
import { decoderOf } from './decoded.ts';

const names = ['country', 'at', 'amount'];
const usual = '{"id":1,"country":"DE","at":17,"ok":true,"amount":12.5,"tags":["a",{"b":0}]}';
/** After so many of a layout, it is known. */
const known = 16;

type Read = (index: number) => Record<string, unknown> | undefined;

function readerOf(layout = usual): ReturnType<typeof fieldReader> {
  const reader = fieldReader(names, JSON.parse);
  for (let times = 0; times < known; times++) reader(utf8(layout));
  reader.ahead(none, firstAhead);
  return reader;
}

const none = inOneBuffer([], () => new Uint8Array(0));

function together(
  payloads: readonly (string | Uint8Array)[],
  { layout = usual, between = '' }: { readonly layout?: string; readonly between?: string | Uint8Array } = {},
): readonly (Record<string, unknown> | undefined)[] {
  const all = payloads.map((payload) => (typeof payload === 'string' ? utf8(payload) : payload));
  const gap = typeof between === 'string' ? utf8(between) : between;
  const read: Read = readerOf(layout).ahead(
    inOneBuffer(all, () => gap),
    all.length,
  )!;
  return all.map((_, index) => read(index));
}

const withValue = (value: string): string => usual.replace('"DE"', value);

it('nothing is read together before a layout is known', () => {
  const reader = fieldReader(names, JSON.parse);
  expect(
    reader.ahead(
      inOneBuffer([utf8(usual)], () => new Uint8Array(0)),
      1,
    ),
  ).toBeUndefined();
});

it('payloads of one layout are read together, whatever stands between them', () => {
  const others = usual.replace('17', '0').replace('12.5', '-0').replace('true', 'false').replace('"a"', 'null');
  expect(together([usual, others, usual], { between: '","PartitionKey":"' })).toEqual([
    { country: 'DE', at: 17, amount: 12.5 },
    { country: 'DE', at: 0, amount: -0 },
    { country: 'DE', at: 17, amount: 12.5 },
  ]);
});

it.each([
  ...['""', '"a text of more than sixteen letters"', '"/"', '"0123456789abcdef"', '"0123456789abcde"'],
  ...['"a\\nb"', '"\\\\"', '"\\""', '"\\u0041\\uD83D\\ude00"', '"\\ud800"', '"é"', '"日本語と英語の混ざった文章"'],
  ...['0', '-0', '7', '-7', '0.5', '-12.25', '4.35', '123456789012345', '1234567890123456', '12345678901234567890'],
  ...['0.30000000000000004', '1234567.1234567', 'true', 'false', 'null'],
])('a value is the one that JSON.parse reads: %s', (value) => {
  expect(together([usual, withValue(value), usual])[1]).toEqual({
    country: JSON.parse(value) as unknown,
    at: 17,
    amount: 12.5,
  });
});

it.each([
  ...[
    '1e3',
    '[]',
    '{}',
    ' "DE"',
    '"DE" ',
    '01',
    '-',
    '1.',
    '.5',
    '+1',
    '--1',
    '-a',
    '-true',
    'nul',
    'nulll',
    'falsy',
    '',
  ],
  ...['"a', '"\t"', '"\u0000"', '"\\x"', '"\\u12g4"', '"\\u12"', "'a'", 'NaN', 'True', '"DE","at":17,"ok'],
])('a value that is written in another way, or is none, is left: %s', (value) => {
  const [before, left, behind] = together([usual, withValue(value), usual]);
  expect(left).toBeUndefined();
  expect([before, behind]).toEqual([before, before]);
  expect(before).toBeDefined();
});

it.each([
  ['another key', usual.replace('id', 'is')],
  ['another order', '{"country":"DE","id":1,"at":17,"ok":true,"amount":12.5,"tags":["a",{"b":0}]}'],
  ['a member more', usual.replace('}]}', '}],"x":1}')],
  ['something behind it', `${usual}}`],
  ['a space behind it', `${usual} `],
  ['no end', usual.slice(0, -1)],
  ['nothing', ''],
])('a payload with %s is left', (_, payload) => {
  expect(together([usual, payload, usual]).map((each) => each !== undefined)).toEqual([true, false, true]);
});

it('a payload that only what lies behind it would complete is left', () => {
  expect(together([usual.slice(0, 40), usual], { between: usual.slice(40) })[0]).toBeUndefined();
});

describe('bytes that are no text', () => {
  const broken = Buffer.from(usual.replace('DE', 'D\u0001'), 'latin1');
  broken[broken.indexOf(1)] = 0xff;
  it('leave their payload, and none beside it', () => {
    const [usually, left, other] = together([usual, broken, usual.replace('DE', 'Köln')]);
    expect([usually?.country, left, other?.country]).toEqual(['DE', undefined, 'Köln']);
  });
  it.each([0xff, 0xd0, 0xc3])('may stand between payloads (%i)', (byte) => {
    const between = Uint8Array.of(byte, 0xa9, byte);
    const countries = ['DE', 'Köln', '日本', 'DE'];
    const read = together(
      countries.map((country) => usual.replace('DE', country)),
      { between },
    );
    expect(read.map((each) => each?.country)).toEqual(countries);
  });
});

it('of several layouts each payload has its own', () => {
  const reader = readerOf();
  const other = '{ "at": 3, "country": "NO" }';
  for (let times = 0; times < 2 * known; times++) reader(utf8(other));
  const read = reader.ahead(
    inOneBuffer([other, usual, other].map(utf8), () => utf8(',')),
    3,
  )!;
  expect([0, 1, 2].map(read)).toEqual([
    { country: 'NO', at: 3 },
    { country: 'DE', at: 17, amount: 12.5 },
    { country: 'NO', at: 3 },
  ]);
});

it('a field with others in it is parsed, with what is within', () => {
  const layout = '{"country":{"a":[1,"x"]},"at":1}';
  expect(together([layout, '{"country":{"a":[-2,"\\n"]},"at":2}'], { layout })).toEqual([
    { country: { a: [1, 'x'] }, at: 1 },
    { country: { a: [-2, '\n'] }, at: 2 },
  ]);
});

it('runs over any number of payloads, of which one is as large as it likes', () => {
  const all = Array.from({ length: 1_500 }, (_, at) => usual.replace('17', String(at)));
  const large = usual.replace('"a"', `"${'a'.repeat(70_000)}"`);
  const payloads = [...all.slice(0, 700), large, ...all.slice(700)];
  const read = together(payloads, { between: '\n' });
  expect(read[700]).toBeUndefined();
  expect(read.toSpliced(700, 1).map((each) => each?.at)).toEqual(all.map((_, at) => at));
});

describe('layouts that are too large', () => {
  const listed = (length: number, name = 'list'): string =>
    `{"country":"DE","at":1,"${name}":[${Array.from({ length }, (_, at) => at % 10).join()}]}`;
  const isReadTogether = (layouts: readonly string[]): readonly boolean[] => {
    const reader = readerOf();
    for (const [index, layout] of layouts.entries())
      for (let times = 0; times < known * 2 ** (index + 1); times++) reader(utf8(layout));
    const all = [usual, ...layouts].map(utf8);
    const read = reader.ahead(
      inOneBuffer(all, () => utf8(',')),
      all.length,
    )!;
    return all.map((_, index) => read(index) !== undefined);
  };
  it.each([
    ['few values in a list', listed(62), true],
    ['many', listed(63), false],
    ['so many that a program of them takes minutes', listed(100_000), false],
    ['a long name within a field', listed(1).replace('"DE"', `{"${'a'.repeat(5_000)}":1}`), false],
  ])('are read by themselves: %s', (_, layout, together) => expect(isReadTogether([layout])).toEqual([true, together]));
  it('the oldest ones are given up for new ones where a program would have too many values', () =>
    expect(isReadTogether([listed(60), listed(60, 'other')])).toEqual([false, true, true]));
});

it('two reads at the same time have each their own payloads', () => {
  const reader = readerOf();
  const numbered = (from: number): readonly Uint8Array[] =>
    Array.from({ length: 90 }, (_, at) => utf8(usual.replace('17', String(from + at))));
  const gap = new Uint8Array(0);
  const one = reader.ahead(
    inOneBuffer(numbered(0), () => gap),
    90,
  )!;
  const other = reader.ahead(
    inOneBuffer(numbered(1_000), () => gap),
    90,
  )!;
  for (let at = 0; at < 90; at++) expect([one(at)?.at, other(at)?.at]).toEqual([at, 1_000 + at]);
});

it('what the schema does not accept is refused as it is by itself, and the schema is asked no more often', () => {
  let asked = 0;
  const accepts = (at: number): boolean => {
    asked += 1;
    if (at === 13) throw new Error('thirteen');
    return at < 13;
  };
  const schema = z.object({ country: z.string(), at: z.number().refine(accepts, 'is too large') });
  const decode = decoderOf(json(schema));
  for (let times = 0; times < known; times++) decode(utf8(usual.replace('17', '1')));
  decode.ahead!(none, firstAhead);
  const all = ['1', '13', '14', '2'].map((at) => utf8(usual.replace('17', at)));
  const tell = (read: (index: number) => unknown): unknown =>
    all.map((_, index) => {
      asked = 0;
      return [read(index), asked];
    });
  const ahead = decode.ahead!(
    inOneBuffer(all, () => utf8(',')),
    all.length,
  )!;
  expect(tell(ahead)).toEqual(tell((index) => decode(all[index]!)));
});

it('behind a header nothing is read ahead, nor where the whole is parsed', () => {
  const fields = { country: 'string' } as const;
  expect(decoderOf(json({ fields })).ahead).toBeTypeOf('function');
  expect(decoderOf(json({ fields }, { header: 'glue' })).ahead).toBeUndefined();
  expect(decoderOf(json({ fields }, { parse: 'whole' })).ahead).toBeUndefined();
});
