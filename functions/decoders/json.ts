/** JSON by a schema. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { oneOf, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { notAllowed } from '../pipeline/problems.ts';
import {
  checkDeclared,
  declaredFields,
  type JsonEvent,
  type JsonFields,
  type JsonFieldType,
} from './declared-fields.ts';
import {
  byItself,
  type Decode,
  type DecodeAhead,
  type Decoder,
  type DecoderKind,
  defineDecoder,
  type Inflate,
  type Payloads,
  Undecoded,
} from './decoder-kind.ts';
import { parseExactly } from './exact-json.ts';
import { takeHeader } from './glue-header.ts';
import { fieldsJson, notAccepted } from './json-read/fields-json.ts';
import { fieldsOfSchema } from './json-read/fields-of-schema.ts';
import { shapesFor } from './json-read/shapes.ts';
import type { FieldsOfSchema } from './json-read/what-is-read.ts';
import { wholeJson } from './json-read/whole-json.ts';

/** What `json` returns. `Input` is what producers write, `Event` what the schema makes of it and callbacks receive. */
export type JsonDecoder<Input, Event> = Decoder<Input, Event> & {
  /** Always 'json'. */
  readonly kind: 'json';
  /** The schema that validates each event. */
  readonly schema: StandardSchemaV1<unknown, Event>;
  /** What `json` was given, not yet checked. */
  readonly options: RawOptions;
};

/** How JSON is read: the second argument of `json`. */
export type JsonOptions = {
  /**
   * Whole numbers beyond 2^53, such as ids of 64 bits: 'number' rounds them to the next double, as JSON.parse does; 'text'
   * hands them to the schema as strings of exactly their digits. Others are numbers either way.
   * @default 'number'
   */
  readonly largeIntegers?: 'number' | 'text' | undefined;
  /**
   * What stands before the JSON: 'glue' is the header that serializers of the AWS Glue Schema Registry write, with its
   * compression. The schema validates the event, whatever version the header names.
   * @default 'none'
   */
  readonly header?: 'none' | 'glue' | undefined;
  /**
   * How much of a payload is parsed: 'fields' only those that the schema names, where its definition shows that others can't matter
   * (an object of zod or valibot that leaves other fields out, or declared fields), and all of the payload where it does not;
   * 'whole' always all. Events and dead letters are the same. `sluice check` says which it is.
   * @default 'fields'
   */
  readonly parse?: 'fields' | 'whole' | undefined;
};

/**
 * JSON, validated by a schema of any library that speaks Standard Schema (zod, valibot, ArkType, …). What does not
 * parse or validate becomes a dead letter. The schema must validate synchronously.
 *
 * @example
 * ```ts
 * const Flight = z.object({ date: z.string(), origin: z.string(), delay: z.number() });
 *
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight));
 * ```
 */
export function json<Schema extends StandardSchemaV1>(
  schema: Schema,
  options?: JsonOptions,
): JsonDecoder<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>>;
/**
 * JSON of which these fields are read, without a library of schemas. The event has them alone, in this order. A payload in which one
 * is missing or of another type becomes a dead letter (`schema-mismatch`).
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json({ fields: { date: 'string', origin: 'string', delay: 'number?' } }));
 * ```
 */
export function json<const Fields extends Readonly<Record<string, JsonFieldType>>>(
  declared: { readonly fields: Fields },
  options?: JsonOptions,
): JsonDecoder<JsonFields<Fields>, JsonEvent<Fields>>;
export function json(given: unknown, options?: JsonOptions): JsonDecoder<unknown, unknown> {
  const schema =
    isPlainObject(given) && 'fields' in given && !('~standard' in given) ? declaredFields(given.fields) : given;
  return defineDecoder<JsonDecoder<unknown, unknown>>(jsonKind, {
    schema: schema as StandardSchemaV1,
    options: frozenCopy(options),
  });
}

export type CheckedJson = {
  readonly schema: StandardSchemaV1;
  /** Undefined: 'number'. */
  readonly largeIntegers?: 'number' | 'text';
  /** Undefined: 'none'. */
  readonly header?: 'none' | 'glue';
  /** Undefined: 'fields'. */
  readonly parse?: 'fields' | 'whole';
};

const rules = {
  largeIntegers: oneOf<'number' | 'text'>(['number', 'text'], 'number'),
  header: oneOf<'none' | 'glue'>(['none', 'glue'], 'none'),
  parse: oneOf<'fields' | 'whole'>(['fields', 'whole'], 'fields'),
};

export const jsonKind: DecoderKind<CheckedJson> = {
  kind: 'json',
  usage: 'json(schema)',
  sharesBytes: false,
  read({ schema, options }, problems) {
    const read = readOptions('decode', isPlainObject(options) ? options : {}, rules, problems);
    if (isStandardSchema(schema)) {
      checkDeclared(schema, problems);
      return { schema, ...read };
    }
    const allowed = 'a schema of a library that speaks Standard Schema, such as zod, or { fields: { … } }';
    problems.push(notAllowed('decode.schema', schema, allowed));
    return undefined;
  },
  describe: ({ schema, parse }) =>
    parse === 'whole' ? 'payloads are parsed as a whole, as it asks for' : describeFields(fieldsOfSchema(schema)),
  open: openJson,
};

/** Schemas may be functions as well as objects. */
function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value))
    return false;
  const standard = value['~standard'];
  if (typeof standard !== 'object' || standard === null) return false;
  return (
    'version' in standard && standard.version === 1 && 'validate' in standard && typeof standard.validate === 'function'
  );
}

const describeFields = (fields: FieldsOfSchema): string =>
  fields.kind === 'fields'
    ? `only these fields are parsed: ${fields.names.join(', ') || 'none'}`
    : `payloads are parsed as a whole: ${fields.why}`;

/** Header and schema, in two ways: of the fields that the schema names, and of all. */
function openJson({ schema, largeIntegers, header, parse: amount }: CheckedJson, inflate: Inflate): Decode {
  const parse = largeIntegers === 'text' ? parseExactly : JSON.parse;
  const fields = amount === 'whole' ? undefined : fieldsJson(schema, parse);
  // What the fields leave is odd.
  const shapes = amount === 'whole' || fields !== undefined ? undefined : shapesFor(schema, parse);
  const whole = wholeJson(schema, parse, shapes);
  const decode = (data: Uint8Array): unknown => {
    if (data.length === 0) return new Undecoded('empty-record', 'the record has no bytes');
    const taken = header === 'glue' ? takeHeader(data, inflate) : { data };
    if (taken instanceof Undecoded) return taken;
    const event = fields === undefined ? byItself : fields(taken.data);
    return event === byItself || event === notAccepted ? whole(taken.data) : event;
  };
  const ahead = (payloads: Payloads, count: number): DecodeAhead | undefined => {
    const read = fields?.ahead(payloads, count);
    if (read === undefined) return undefined;
    // The schema is asked once more for its reason, and not by the reader of fields before that.
    return (index) => {
      const event = read(index);
      return event === notAccepted ? whole(payloadAt(payloads, index)) : event;
    };
  };
  // Behind a header stands what is not to be read in place.
  const isAhead = fields !== undefined && header !== 'glue';
  return Object.assign(decode, { promises: whole.promises ?? [], ...(isAhead && { ahead }) });
}

function payloadAt({ bytes, places, stride, first }: Payloads, index: number): Uint8Array {
  const at = index * stride + first;
  return new Uint8Array(bytes.buffer, bytes.byteOffset + places[at]!, places[at + 1]! - places[at]!);
}
