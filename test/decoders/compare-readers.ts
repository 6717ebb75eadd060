/**
 * Each schema in two ways, of the fields alone and of the whole, on the same payloads. The other way is made here of JSON.parse, TextDecoder
 * and the schema, and shares no code with the first.
 */
import { isDeepStrictEqual } from 'node:util';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as v from 'valibot';
import * as z from 'zod';
import { byItself, type Decode, isUndecoded } from '../../functions/decoders/decoder-kind.ts';
import { parseExactly } from '../../functions/decoders/exact-json.ts';
import { fieldReader } from '../../functions/decoders/json-read/field-reader.ts';
import { fieldsOfSchema } from '../../functions/decoders/json-read/fields-of-schema.ts';
import { json } from '../../functions/index.ts';
import { inOneBuffer } from '../support/in-one-buffer.ts';
import { decoderOf } from './decoded.ts';
import { type Chance, chanceOf, drawPayload, drawRegular, mutated, producers } from './odd-payloads.ts';

const declared = { country: 'string', at: 'number', amount: 'number?' } as const;
const schemas: Readonly<Record<string, StandardSchemaV1>> = {
  plain: z.object({ country: z.string(), at: z.number(), amount: z.number() }),
  'of anything': z.object({
    amount: z.unknown(),
    country: z.unknown(),
    at: z.unknown(),
    nested: z.unknown(),
    größe: z.unknown(),
  }),
  all: z.object({
    id: z.string(),
    country: z.string(),
    at: z.number(),
    amount: z.number(),
    user: z.string(),
    ok: z.boolean().nullable(),
  }),
  'with code': z
    .object({ country: z.string().min(2).toUpperCase(), at: z.coerce.date(), tags: z.array(z.string()).default([]) })
    .refine(({ country }) => country !== 'DE')
    .transform((event) => ({ ...event, seen: Object.keys(event) })),
  optional: z.object({ amount: z.number().optional(), ok: z.boolean().nullish(), user: z.string().catch('none') }),
  union: z.union([
    z.object({ country: z.literal('DE'), at: z.number() }),
    z.object({ user: z.string(), nested: z.looseObject({}) }).readonly(),
  ]),
  valibot: v.object({
    country: v.string(),
    at: v.pipe(v.number(), v.integer()),
    amount: v.nullish(v.number(), 7),
    ok: v.optional(v.unknown()),
  }),
  'valibot with code': v.pipe(
    v.object({ country: v.string(), size: v.optional(v.string()), größe: v.optional(v.unknown()) }),
    v.transform((event) => [Object.entries(event)]),
  ),
  declared: json({ fields: declared }).schema,
}; // prettier-ignore

export type Compared = {
  readonly events: number;
  /** Read without a parse of the whole. */
  readonly byFields: number;
  /** Read together with those beside them. */
  readonly ahead: number;
  readonly accepted: number;
  readonly differences: readonly string[];
};

type Reader = {
  readonly name: string;
  readonly byFields: Decode;
  readonly byWhole: (data: Uint8Array) => unknown;
  readonly isRead: (data: Uint8Array) => boolean;
};

export const readers = (): readonly Reader[] =>
  Object.entries(schemas).flatMap(([name, schema]) =>
    (['number', 'text'] as const).map((largeIntegers): Reader => {
      const fields = fieldsOfSchema(schema);
      if (fields.kind === 'whole') throw new Error(`${name}: ${fields.why}`);
      const read = fieldReader(fields.names, JSON.parse);
      return {
        name: `${name}, large integers as ${largeIntegers}`,
        byFields: decoderOf(json(schema, { largeIntegers })),
        byWhole: wholeReader(schema, largeIntegers === 'text' ? parseExactly : JSON.parse),
        isRead: (data) => read(data) !== undefined,
      };
    }),
  );

/** The event, or its reason and message as a list of a kind that no schema makes. */
class Refused {
  readonly reason: string;
  readonly message: string;
  constructor(reason: string, message: string) {
    this.reason = reason;
    this.message = message;
  }
}

const shownOf = (got: unknown): unknown => (isUndecoded(got) ? new Refused(got.reason, got.message) : got);

function wholeReader(schema: StandardSchemaV1, parse: (text: string) => unknown): (data: Uint8Array) => unknown {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  return (data) => {
    if (data.length === 0) return new Refused('empty-record', 'the record has no bytes');
    let text: string;
    try {
      text = utf8.decode(data);
    } catch {
      return new Refused('invalid-utf8', 'the bytes are not UTF-8');
    }
    let parsed: unknown;
    try {
      parsed = parse(text);
    } catch (error) {
      return new Refused('invalid-json', (error as Error).message);
    }
    const result = schema['~standard'].validate(parsed) as StandardSchemaV1.Result<unknown>;
    if (result.issues === undefined) return result.value;
    const [{ path = [], message }] = result.issues as [StandardSchemaV1.Issue];
    const keys = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return new Refused('schema-mismatch', keys === '' ? message : `${keys}: ${message}`);
  };
}

/** Also the order of fields, and which zero. */
function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof Refused && other instanceof Refused)
    return one.reason === other.reason && one.message === other.message;
  if (!isDeepStrictEqual(one, other)) return false;
  return typeof one !== 'object' || one === null || isDeepStrictEqual(Object.keys(one), Object.keys(other as object));
}

type Told = { readonly payload: Uint8Array; readonly expected: unknown };
/** More than the first chunk has, and than the second. */
const beside = 120;

/** Those of `told` that are read together, and which of them otherwise than expected. */
function compareAhead(
  chance: Chance,
  { byFields }: Reader,
  told: readonly Told[],
): { readonly read: number; readonly wrong: readonly Told[] } {
  // Now and then bytes that are no text, and those that a payload may end with, or go on with.
  const isOdd = chance.int(4) === 0;
  const between = told.map(() =>
    Uint8Array.from({ length: chance.int(20) }, () =>
      isOdd ? chance.int(256) : chance.pick([0x22, 0x2c, 0x30, 0x7d]),
    ),
  );
  const payloads = inOneBuffer(
    told.map(({ payload }) => payload),
    (index) => between[index] ?? new Uint8Array(0),
  );
  const ahead = byFields.ahead?.(payloads, told.length);
  let read = 0;
  const wrong: Told[] = [];
  for (const [index, each] of told.entries()) {
    // A run may pass over some.
    const got = ahead === undefined || chance.int(50) === 0 ? byItself : ahead(index);
    if (got === byItself) continue;
    read++;
    if (!isSame(shownOf(got), each.expected)) wrong.push(each);
  }
  return { read, wrong };
}

/** The layouts of all producers: a reader looks at twice as many payloads before it learns the next one. */
function learn(chance: Chance, read: Decode): void {
  for (let producer = 0; producer < producers; producer++)
    for (let times = 0; times < 16 * 2 ** producer; times++) read(drawRegular(chance, producer));
}

/** `seed` and `events` say which payloads. */
export function compareReaders(seed: number, events: number, onProgress: (done: number) => void = () => {}): Compared {
  const chance = chanceOf(seed);
  const all = readers();
  const differences: string[] = [];
  const note = ({ name }: Reader, payload: Uint8Array, how: string): void => {
    const bytes = Buffer.from(payload);
    if (differences.length < 20)
      differences.push(`${name}, ${how}: ${JSON.stringify(bytes.toString())} (${bytes.toString('hex')})`);
  };
  const told = all.map((): Told[] => []);
  for (const { byFields: read } of all) learn(chance, read);
  let byFields = 0;
  let together = 0;
  let accepted = 0;
  let before = drawPayload(chance);
  // Readers learn layouts: a reader of its own for each schema sees all of its payloads one after the other.
  for (let done = 0; done < events; done++) {
    const producer = Math.floor(done / (all.length * beside * 2));
    const drawn = chance.int(2) === 0 ? drawPayload(chance) : drawRegular(chance, producer);
    const payload = mutated(chance, drawn, before);
    before = drawn;
    const reader = all[done % all.length]!;
    const got = reader.byFields(payload);
    const expected = reader.byWhole(payload);
    if (!isSame(shownOf(got), expected)) note(reader, payload, 'by itself');
    const ofReader = told[done % all.length]!;
    ofReader.push({ payload, expected });
    if (ofReader.length === beside) {
      const { read, wrong } = compareAhead(chance, reader, ofReader.splice(0));
      together += read;
      for (const each of wrong) note(reader, each.payload, 'ahead');
    }
    if (!(expected instanceof Refused)) accepted++;
    if (reader.isRead(payload)) byFields++;
    if (done % 100_000 === 99_999) onProgress(done + 1);
  }
  return { events, byFields, ahead: together, accepted, differences };
}
