/** READS-1, READS-2: of which schemas it is known what they read. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { jsonKind } from '../../functions/decoders/json.ts';
import { fieldsOfSchema } from '../../functions/decoders/json-read/fields-of-schema.ts';
import { json } from '../../functions/index.ts';
import { decoded, problemsOf } from './decoded.ts';

const namesOf = (schema: StandardSchemaV1): unknown => {
  const fields = fieldsOfSchema(schema);
  return fields.kind === 'fields' ? fields.names : fields.why;
};
const ab = { a: z.string(), b: z.number().optional() };
const vab = { a: v.string(), b: v.optional(v.number()) };

describe('zod', () => {
  it.each<[string, StandardSchemaV1]>([
    ['an object', z.object(ab)],
    ['one of zod/mini', mini.object({ a: mini.string(), b: mini.number() })],
    ['with a refinement', z.object(ab).refine(() => true)],
    ['with a transform', z.object(ab).transform(({ a }) => a)],
    ['that is read on', z.object(ab).pipe(z.transform((event) => event))],
    ['that is frozen', z.object(ab).readonly()],
    ['that was extended', z.object({ a: z.string() }).extend({ b: z.number() })],
    ['with a codec', z.codec(z.object(ab), z.string(), { decode: ({ a }) => a, encode: (a) => ({ a }) })],
    ['a union', z.union([z.object({ a: z.string() }), z.object({ b: z.number() })])],
    ['both', z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() }))],
    [
      'a union by a field',
      z.discriminatedUnion('a', [z.object({ a: z.literal(1) }), z.object({ a: z.literal(2), b: z.number() })]),
    ],
    ['with fields of any kind', z.object({ a: z.looseObject({}), b: z.preprocess(String, z.string()) })],
  ])('%s', (_, schema) => {
    expect(namesOf(schema)).toEqual(['a', 'b']);
  });

  it.each<[string, StandardSchemaV1, string]>([
    ['keeps other fields', z.looseObject(ab), 'it looks at all fields (looseObject, strictObject, catchall)'],
    ['refuses other fields', z.strictObject(ab), 'it looks at all fields (looseObject, strictObject, catchall)'],
    [
      'validates others',
      z.object(ab).catchall(z.number()),
      'it looks at all fields (looseObject, strictObject, catchall)',
    ],
    [
      'has a function before it',
      z.preprocess((given) => given, z.object(ab)),
      'a function sees payloads before the schema does (preprocess)',
    ],
    ['catches', z.object(ab).catch({ a: '' }), 'what the schema catches is seen as it came (catch)'],
    ['is a record', z.record(z.string(), z.number()), "it is of the type 'record'"],
    ['is anything', z.any(), "it is of the type 'any'"],
    ['is code', z.custom(() => true), "it is of the type 'custom'"],
    ['is one of them and something else', z.union([z.object(ab), z.any()]), "it is of the type 'any'"],
    [
      'may be another',
      z.union([z.object(ab), z.looseObject({})]),
      'it looks at all fields (looseObject, strictObject, catchall)',
    ],
    ['says less than it is', z.any().meta({ type: 'object', properties: {} }), "it is of the type 'any'"],
  ])('not one that %s', (_, schema, why) => {
    expect(namesOf(schema)).toBe(why);
  });
});

describe('valibot', () => {
  it.each<[string, StandardSchemaV1]>([
    ['an object', v.object(vab)],
    [
      'with actions',
      v.pipe(
        v.object(vab),
        v.check(() => true),
        v.transform(({ a }) => a),
      ),
    ],
    ['a part of one', v.partial(v.object(vab))],
    ['a union', v.union([v.object({ a: v.string() }), v.object({ b: v.number() })])],
    ['both', v.intersect([v.object({ a: v.string() }), v.object({ b: v.number() })])],
    ['by a field', v.variant('a', [v.object({ a: v.literal(1) }), v.object({ a: v.literal(2), b: v.number() })])],
  ])('%s', (_, schema) => {
    expect(namesOf(schema)).toEqual(['a', 'b']);
  });

  it.each<[string, StandardSchemaV1, string]>([
    ['keeps other fields', v.looseObject(vab), 'it looks at all fields (looseObject, strictObject, objectWithRest)'],
    [
      'keeps them before a check',
      v.pipe(
        v.looseObject(vab),
        v.check(() => true),
      ),
      'it looks at all fields (looseObject, strictObject, objectWithRest)',
    ],
    ['refuses others', v.strictObject(vab), 'it looks at all fields (looseObject, strictObject, objectWithRest)'],
    ['falls back', v.fallback(v.object(vab), { a: '' }), 'its definition has a part that is not known: fallback'],
    [
      'falls back behind a check',
      v.fallback(
        v.pipe(
          v.object(vab),
          v.check(() => true),
        ),
        { a: '' },
      ),
      'its definition has a part that is not known: fallback',
    ],
    [
      'has a function before it',
      v.pipe(
        v.unknown(),
        v.transform((given) => given),
        v.object(vab),
      ),
      "it is of the type 'unknown'",
    ],
    ['is asynchronous', v.objectAsync(vab), 'it is asynchronous'],
  ])('not one that %s', (_, schema, why) => {
    expect(namesOf(schema)).toBe(why);
  });
});

/** As somebody wraps a schema who counts, or looks at other fields. */
const sees = (value: unknown) => ({ value: Object.keys(value as object) });
const standardOf = (schema: StandardSchemaV1) => ({ ...schema['~standard'], validate: sees });

it.each<[string, StandardSchemaV1]>([
  ['an object made of one of zod', Object.create(z.object(ab), { '~standard': { value: standardOf(z.object(ab)) } })],
  ['one of zod, assigned', Object.assign(z.object(ab), { '~standard': standardOf(z.object(ab)) })],
  ['a copy of one of valibot', { ...v.object(vab), '~standard': standardOf(v.object(vab)) } as never],
  [
    'a proxy',
    new Proxy(z.object(ab), {
      get: (schema, name) => (name === '~standard' ? standardOf(schema) : Reflect.get(schema, name)),
    }),
  ],
  [
    'a copy of one with actions',
    {
      ...v.pipe(
        v.object(vab),
        v.check(() => true),
      ),
      '~standard': standardOf(v.object(vab)),
    } as never,
  ],
])('a schema with a validate of its own is given all that came: %s', (_, schema) => {
  expect(namesOf(schema)).toBe('it is not validated by its library alone');
  expect(decoded(json(schema), '{"a":"x","b":1,"c":2}')).toEqual(['a', 'b', 'c']);
});

it.each<[string, StandardSchemaV1]>([
  ['zod', z.object({})],
  ['zod/mini', mini.object({})],
  ['valibot', v.object({})],
])('an object without fields is compared with another one: %s', (_, schema) => {
  expect(namesOf(schema)).toEqual([]);
  const wrapped = Object.create(schema, { '~standard': { value: standardOf(schema) } });
  expect(namesOf(wrapped)).toBe('it is not validated by its library alone');
});

it('other libraries are not guessed at, whatever JSON Schema they give', () => {
  const jsonSchema = { input: () => ({ type: 'object', properties: { a: {} } }), output: () => ({}) };
  const schema = {
    '~standard': { version: 1, vendor: 'arktype', validate: (value: unknown) => ({ value }), jsonSchema },
  } as const;
  expect(namesOf(schema)).toBe('only schemas of zod 4 and valibot say which fields they read');
  const posing = { '~standard': { ...schema['~standard'], vendor: 'zod' } } as const;
  expect(namesOf(posing)).toBe('it is no schema of zod 4');
});

it('names that every object has, and more than 30, are left to the whole', () => {
  expect(namesOf(z.object({ toString: z.string() }))).toBe("it reads a field named 'toString'");
  const many = Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`f${at}`, z.string()]));
  expect(namesOf(z.object(many))).toBe('it reads 31 fields, more than 30');
});

it('is said of a pipeline', () => {
  const said = (decoder: object): string => jsonKind.describe!(jsonKind.read(decoder as never, [])!);
  expect(said(json(z.object(ab)))).toBe('only these fields are parsed: a, b');
  expect(said(json(z.object({})))).toBe('only these fields are parsed: none');
  expect(said(json({ fields: { x: 'string' } }))).toBe('only these fields are parsed: x');
  expect(said(json(z.looseObject(ab)))).toBe(
    'payloads are parsed as a whole: it looks at all fields (looseObject, strictObject, catchall)',
  );
  expect(said(json(z.object(ab), { parse: 'whole' }))).toBe('payloads are parsed as a whole, as it asks for');
});

it('declared fields are checked with all else', () => {
  expect(problemsOf(json({ fields: { a: 'text', toString: 'string' } } as never, { parse: 'some' } as never))).toEqual([
    "decode.parse: 'some' is not allowed; use 'fields' or 'whole'",
    "decode.fields.a: 'text' is not allowed; use 'string' or 'number' or 'boolean' or 'string?' or 'number?' or 'boolean?'",
    "decode.fields: 'toString' is not allowed; use a name that no object has by itself",
  ]);
  expect(problemsOf(json({ fields: {} }))).toEqual([
    "decode.fields: nothing is given; use fields by name, such as { origin: 'string', delay: 'number' }",
  ]);
  expect(problemsOf(json({ fields: 7 } as never))).toEqual([
    "decode.fields: 7 is not allowed; use fields by name, such as { origin: 'string', delay: 'number' }",
  ]);
});
