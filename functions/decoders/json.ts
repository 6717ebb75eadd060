/** JSON by a schema. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { oneOf, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { notAllowed } from '../pipeline/problems.ts';
import { thrownText } from '../user-code/thrown-text.ts';
import { type Decode, type Decoder, type DecoderKind, defineDecoder, type Inflate, Undecoded } from './decoder-kind.ts';
import { parseExactly } from './exact-json.ts';
import { takeHeader } from './glue-header.ts';
import { textReader } from './utf8.ts';

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
): JsonDecoder<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>> {
  type Defined = JsonDecoder<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>>;
  return defineDecoder<Defined>(jsonKind, { schema: schema as Defined['schema'], options: frozenCopy(options) });
}

export type CheckedJson = {
  readonly schema: StandardSchemaV1;
  /** Undefined: 'number'. */
  readonly largeIntegers?: 'number' | 'text';
  /** Undefined: 'none'. */
  readonly header?: 'none' | 'glue';
};

const rules = {
  largeIntegers: oneOf<'number' | 'text'>(['number', 'text'], 'number'),
  header: oneOf<'none' | 'glue'>(['none', 'glue'], 'none'),
};

export const jsonKind: DecoderKind<CheckedJson> = {
  kind: 'json',
  usage: 'json(schema)',
  sharesBytes: false,
  read({ schema, options }, problems) {
    const { largeIntegers, header } = readOptions('decode', isPlainObject(options) ? options : {}, rules, problems);
    if (isStandardSchema(schema)) return { schema, largeIntegers, header };
    const allowed = 'a schema of a library that speaks Standard Schema, such as zod';
    problems.push(notAllowed('decode.schema', schema, allowed));
    return undefined;
  },
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

/** Of many, a few tell. */
const maxPromises = 16;

function openJson({ schema, largeIntegers, header }: CheckedJson, inflate: Inflate): Decode {
  const promises: Promise<unknown>[] = [];
  const text = textReader();
  const { validate } = schema['~standard'];
  const parse = largeIntegers === 'text' ? parseExactly : JSON.parse;
  const decode = (data: Uint8Array): unknown => {
    if (data.length === 0) return new Undecoded('empty-record', 'the record has no bytes');
    const taken = header === 'glue' ? takeHeader(data, inflate) : { data };
    if (taken instanceof Undecoded) return taken;
    const parsed = parseJson(parse, text, taken.data);
    if (parsed instanceof Undecoded) return parsed;
    try {
      return resultOf(validate(parsed), promises);
    } catch (error) {
      return new Undecoded('callback-failed', `decode: ${thrownText(error)}`);
    }
  };
  return Object.assign(decode, { promises });
}

/** Libraries answer with objects of their own making: whatever looking at them throws is the schema's. */
function resultOf(
  result: ReturnType<StandardSchemaV1['~standard']['validate']>,
  promises: Promise<unknown>[],
): unknown {
  if (result instanceof Promise) {
    // Some libraries (zod) answer with a promise also when a callback of the schema throws. Which it is shows later.
    result.catch(() => {});
    if (promises.length < maxPromises) promises.push(result);
    return new Undecoded('callback-failed', 'decode: the schema threw, or is asynchronous');
  }
  return result.issues === undefined ? result.value : new Undecoded('schema-mismatch', issueText(result.issues[0]));
}

/** Keys of a path, and messages, are what the data or the user's own rules make of them. */
function issueText(issue: StandardSchemaV1.Issue | undefined): string {
  const keys = Array.from(issue?.path ?? [], (part) => (typeof part === 'object' ? part.key : part));
  const path = keys.map((key) => (typeof key === 'string' ? key : thrownText(key))).join('.');
  const text = issue?.message === undefined ? 'does not match the schema' : thrownText(issue.message);
  return path === '' ? text : `${path}: ${text}`;
}

function parseJson(
  parse: (text: string) => unknown,
  text: (data: Uint8Array) => string | Undecoded,
  data: Uint8Array,
): unknown {
  const decoded = text(data);
  if (decoded instanceof Undecoded) return decoded;
  try {
    return parse(decoded);
  } catch (error) {
    return new Undecoded('invalid-json', thrownText(error));
  }
}
