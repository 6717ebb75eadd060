/** Avro's binary form, by schemas that are given with the pipeline. */
import { anything, oneOf, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { notAllowed, type Problem } from '../pipeline/problems.ts';
import { thrownText } from '../user-code/thrown-text.ts';
import type { AvroType } from './avro-read/avro-type.ts';
import { Cursor, Damaged } from './avro-read/cursor.ts';
import { parseSchema, WrongSchema } from './avro-read/parse-schema.ts';
import type { Read, ReadOptions } from './avro-read/read-primitive.ts';
import { readerOf, Unresolvable } from './avro-read/resolve.ts';
import { type Decode, type Decoder, type DecoderKind, defineDecoder, type Inflate, Undecoded } from './decoder-kind.ts';
import { readVersions, takeHeader, unknownVersion } from './glue-header.ts';

/** A schema of Avro: the object, or its JSON. */
export type AvroSchema = string | object;

/** What `avro` returns. */
export type AvroDecoder<Event> = Decoder<Uint8Array, Event> & {
  /** Always 'avro'. */
  readonly kind: 'avro';
  /** What `avro` was given, not yet checked. */
  readonly schema: AvroSchema;
  /** What `avro` was given beside the schema, not yet checked. */
  readonly options: RawOptions;
};

/** How payloads were written and what values become: the second argument of `avro`. */
export type AvroOptions = {
  /**
   * What payloads were written with, where that is another schema: fields and types are resolved as Avro says.
   * @default the schema itself
   */
  readonly writer?: AvroSchema | undefined;
  /**
   * What payloads were written with, by the ids of schema versions in the AWS Glue Schema Registry. Each payload has its
   * header then, which names one of them, and may be compressed.
   * @default none: payloads have no header
   */
  readonly versions?: Readonly<Record<string, AvroSchema>> | undefined;
  /**
   * What a `long` becomes: 'number', where one beyond 2^53 is refused (`schema-mismatch`); 'bigint'; 'text', its digits.
   * @default 'number'
   */
  readonly longs?: 'number' | 'bigint' | 'text' | undefined;
  /**
   * 'converted': a timestamp becomes a `Date` (to the millisecond), a decimal the text of its digits, a uuid a text;
   * 'underlying': all are what they are stored as. Dates, times of day, local timestamps and durations are that either way.
   * @default 'converted'
   */
  readonly logicalTypes?: 'converted' | 'underlying' | undefined;
};

/**
 * Avro's binary form, without a file around it: each payload is one value. Schemas are given here, nothing asks a registry.
 * The type of the events is yours to say, as what your schema makes of them: records are objects, maps too, enums texts,
 * bytes and fixed `Uint8Array`s, and a union is the value of its branch.
 *
 * What is damaged, or was written with another schema, becomes a dead letter: see docs/guides/formats.md.
 *
 * @example
 * ```ts
 * type Departure = { origin: string; delay: number | null; at: Date };
 *
 * const departure = {
 *   type: 'record',
 *   name: 'Departure',
 *   fields: [
 *     { name: 'origin', type: 'string' },
 *     { name: 'delay', type: ['null', 'int'], default: null },
 *     { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
 *   ],
 * };
 *
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(avro<Departure>(departure, { versions: { 'b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63': departure } }))
 *   .withWatermark((flight) => flight.at, { delay: '1 hour' });
 * ```
 */
export function avro<Event = unknown>(schema: AvroSchema, options?: AvroOptions): AvroDecoder<Event> {
  return defineDecoder<AvroDecoder<Event>>(avroKind, { schema, options: frozenCopy(options) });
}

export type CheckedAvro = ReadOptions & {
  /** Of payloads without a header; undefined: they have one. */
  readonly read: Read | undefined;
  readonly versions: ReadonlyMap<string, Read>;
};

const rules = {
  writer: anything(),
  versions: anything(),
  longs: oneOf<'number' | 'bigint' | 'text'>(['number', 'bigint', 'text'], 'number'),
  logicalTypes: oneOf<'converted' | 'underlying'>(['converted', 'underlying'], 'converted'),
};

export const avroKind: DecoderKind<CheckedAvro> = {
  kind: 'avro',
  usage: 'avro(schema)',
  sharesBytes: false,
  read({ schema, options }, problems) {
    const given = readOptions('decode', isPlainObject(options) ? options : {}, rules, problems);
    const { longs, logicalTypes } = given;
    if (given.writer !== undefined && given.versions !== undefined)
      problems.push(notAllowed('decode.writer', given.writer, 'either writer or versions'));
    const versions = Object.entries(readVersions(given.versions, problems) ?? {});
    const reader = schemaAt('decode.schema', schema, problems);
    if (reader === undefined) return undefined;
    const readerAt = (path: string, writer: unknown): Read | undefined =>
      readAt(path, { writer, reader }, { longs, logicalTypes }, problems);
    const byVersion = versions.map(([id, writer]) => [id, readerAt(`decode.versions.${id}`, writer)] as const);
    const read = given.versions === undefined ? readerAt('decode.writer', given.writer ?? schema) : undefined;
    return { longs, logicalTypes, read, versions: new Map(byVersion.flatMap(([id, of]) => (of ? [[id, of]] : []))) };
  },
  open: openAvro,
};

function schemaAt(path: string, given: unknown, problems: Problem[]): AvroType | undefined {
  try {
    return parseSchema(given);
  } catch (error) {
    if (!(error instanceof WrongSchema)) throw error;
    problems.push(problemAt(path + error.path, given, error.message));
    return undefined;
  }
}

type Pair = { readonly writer: unknown; readonly reader: AvroType };

function readAt(path: string, { writer, reader }: Pair, options: ReadOptions, problems: Problem[]): Read | undefined {
  const parsed = schemaAt(path, writer, problems);
  if (parsed === undefined) return undefined;
  try {
    return readerOf(parsed, reader, options);
  } catch (error) {
    if (!(error instanceof Unresolvable)) throw error;
    problems.push(problemAt(path, writer, error.message));
    return undefined;
  }
}

function problemAt(option: string, value: unknown, message: string): Problem {
  return { option, value, allowed: 'a schema of Avro', message: `${option}: ${message}` };
}

function openAvro({ read, versions }: CheckedAvro, inflate: Inflate): Decode {
  const cursor = new Cursor();
  return (data) => {
    if (data.length === 0) return new Undecoded('empty-record', 'the record has no bytes');
    if (read !== undefined) return valueIn(data, cursor, read);
    const taken = takeHeader(data, inflate);
    if (taken instanceof Undecoded) return taken;
    const readVersion = versions.get(taken.versionId);
    return readVersion === undefined ? unknownVersion(taken.versionId) : valueIn(taken.data, cursor, readVersion);
  };
}

function valueIn(data: Uint8Array, cursor: Cursor, read: Read): unknown {
  cursor.begin(data);
  try {
    const value = read(cursor);
    if (cursor.left === 0) return value;
    return new Undecoded('undecodable', `${cursor.left} bytes are left behind the value`);
  } catch (error) {
    if (error instanceof Damaged) return new Undecoded(error.reason, `byte ${cursor.at}: ${error.message}`);
    return new Undecoded('undecodable', thrownText(error));
  }
}
