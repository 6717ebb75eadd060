/** WIRE-1, WIRE-2, and what Google's Python library writes; what is damaged is refused, or what that library reads of it. */

import { create, createFileRegistry, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { isUndecoded } from '../../functions/decoders/decoder-kind.ts';
import { messageIndexOf } from '../../functions/decoders/protobuf-read/message-index.ts';
import { kinesis, pipeline, runPipeline } from '../../functions/index.ts';
import { protobuf } from '../../functions/protobuf.ts';
import { compressed, expectDamagedToBeRefused, id, withHeader } from './behind-header.ts';
import { decoded, decoderOf, hex, problemsOf } from './decoded.ts';
import { FlightSchema } from './vectors/flight_pb.ts';
import { AnotherSchema, type Reading, Reading_PartSchema, ReadingSchema } from './vectors/readings_pb.ts';
import { type Damaged, damage, digestOf, readVectors, shown, verdictsIn } from './vectors/vectors.ts';

type Case = { readonly type: string; readonly hex: string; readonly shown: string };
const { cases, damaged } = readVectors<{ cases: readonly Case[]; damaged: Damaged }>('protobuf.json');
const schemas = { 'vectors.Reading': ReadingSchema, 'vectors.Another': AnotherSchema };

/** Without what is no field. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const fields = Object.entries(value).filter(([name, field]) => name !== '$typeName' && field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}

/** vectors.Another, .Reading, .Reading.NumberedEntry, .Reading.Part, .Reading.TagsEntry. */
const indices = { 'vectors.Reading': 1, 'vectors.Another': 0 };

describe('what another implementation wrote', () => {
  it.each(cases)('$type $hex', ({ type, hex: written, shown: read }) => {
    const schema = schemas[type as keyof typeof schemas];
    const data = hex(written);
    expect(shown(plain(decoded(protobuf(schema), data)))).toBe(read);
    const glue = protobuf(schema, { versions: { [id]: schema } });
    const index = indices[type as keyof typeof indices];
    expect(shown(plain(decoded(glue, withHeader([index, ...data]))))).toBe(read);
    expect(shown(plain(decoded(glue, compressed([index, ...data]))))).toBe(read);
  });

  it('is read through a descriptor that protoc wrote, too', () => {
    const set = create(FileDescriptorSetSchema, { file: [TimestampSchema.file.proto, ReadingSchema.file.proto] });
    const copy = fromBinary(FileDescriptorSetSchema, toBinary(FileDescriptorSetSchema, set));
    const schema = createFileRegistry(copy).getMessage('vectors.Reading')!;
    for (const { type, hex: written, shown: read } of cases.filter(({ type }) => type === 'vectors.Reading'))
      expect(shown(plain(decoded(protobuf(schema), hex(written)))), type).toBe(read);
  });
});

describe('of 10,000 damaged payloads', () => {
  const payloads = damaged.payloads.map(hex);
  const verdicts = verdictsIn(damaged);

  it('none is read that the other refuses, and none as something else', () => {
    const decode = decoderOf(protobuf(ReadingSchema));
    let read = 0;
    for (const [at, verdict] of verdicts.entries()) {
      const value = decode(damage(payloads[at % payloads.length]!, at));
      if (isUndecoded(value)) {
        expect(verdict, `payload ${at}: ${value.message}`).not.toMatch(/^=/);
        expect(value.reason).toBe('undecodable');
      } else {
        expect(verdict.slice(1), `payload ${at}`).toBe(digestOf(plain(value)));
        read += 1;
      }
    }
    expect(verdicts).toHaveLength(10_000);
    expect(read).toBeGreaterThan(1_000);
  });

  it('those behind a header are refused, or what is read without it', () => {
    const raw = decoderOf(protobuf(ReadingSchema));
    const glue = decoderOf(protobuf(ReadingSchema, { versions: { [id]: ReadingSchema } }));
    expectDamagedToBeRefused({ raw, glue }, payloads[0]!, [1]);
  });
});

describe('a payload is refused', () => {
  const nested = (depth: number): Uint8Array => {
    let reading = create(ReadingSchema);
    for (let level = 1; level < depth; level += 2) reading = create(ReadingSchema, { parts: [{ of: reading }] });
    return toBinary(ReadingSchema, reading);
  };

  it.each<readonly [string, string, string | undefined]>([
    ['with a field of another type', '1007', 'the field name is written as another type'],
    ['with a message that goes on behind its length', '42010805', 'a number that is cut'],
    ['with a list that does', '520180', 'a number that is cut'],
    ['with an entry of a map that does', '3a030a0261', '2 bytes are to come, and there are 1'],
    ['with an entry of a map that has other fields', '3a050a01611801', 'an entry of a map has a field 3'],
    ['with a fixed number that does', '420412022100', 'a value ends behind what it is in'],
    ['with a string of 4 GB', '12ffffffff0f41', '4294967295 bytes are to come, and there are 1'],
    ['with a number of 11 bytes', '08ffffffffffffffffffff01', 'a number of more than 64 bits'],
    ['with a length of six bytes', '12818080808000', 'a number of more than 32 bits'],
    ['with text that is no UTF-8', '1201ff', undefined],
    ['with a field of number 0', '0201', 'a field of no number'],
    ['with a group that has no end', 'fb0708', 'a number that is cut'],
    ['with the end of a group alone', 'fc07', 'a group ends that has not begun, or a type that there is none of'],
  ])('%s', (_, data, message) => {
    expect(decoded(protobuf(ReadingSchema), hex(data))).toEqual(['undecodable', message ?? expect.any(String)]);
  });

  it('with more than 100 messages within each other', () => {
    expect(decoded(protobuf(ReadingSchema), nested(99))).toMatchObject({ $typeName: 'vectors.Reading' });
    expect(decoded(protobuf(ReadingSchema), nested(103))).toEqual([
      'undecodable',
      'more than 100 messages within each other',
    ]);
    const groups = new Uint8Array(2_000_000).map((_, at) => [0xfb, 0x07][at % 2]!);
    expect(decoded(protobuf(ReadingSchema), groups)).toEqual([
      'undecodable',
      'more than 100 messages within each other',
    ]);
  });

  it('without a field that its schema requires', () => {
    const file = {
      name: 'two.proto',
      syntax: 'proto2',
      messageType: [{ name: 'M', field: [{ name: 'n', number: 1, type: 5, label: 2, jsonName: 'n' }] }],
    } as const;
    const schema = createFileRegistry(create(FileDescriptorProtoSchema, file as never), () => undefined).getMessage(
      'M',
    )!;
    expect(decoded(protobuf(schema), hex('0805'))).toMatchObject({ n: 5 });
    expect(decoded(protobuf(schema), hex(''))).toEqual(['undecodable', 'the required field n is missing']);
  });
});

describe('a message', () => {
  it('of no bytes has the defaults of its fields', () => {
    expect(decoded(protobuf(AnotherSchema), '')).toEqual(create(AnotherSchema));
  });

  it('has the fields that its schema knows, groups in between or not', () => {
    expect(decoded(protobuf(AnotherSchema), hex('fb07 0801 fb07fc07 fc07 0809 ba1f0161'))).toEqual(
      create(AnotherSchema, { n: 9 }),
    );
  });

  it('owns its bytes', () => {
    const data = hex('3203010203');
    const { raw } = decoded(protobuf(ReadingSchema), data) as Reading;
    data.fill(0);
    expect(raw).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('behind a header of the Glue Schema Registry', () => {
  it('messages are numbered by their full names, those within others and entries of maps too', () => {
    expect(messageIndexOf(AnotherSchema)).toBe(0);
    expect(messageIndexOf(ReadingSchema)).toBe(1);
    expect(messageIndexOf(Reading_PartSchema)).toBe(3);
  });

  /** From the test of the registry's Java library: A.B.C.X.D of this file has the number 6. */
  it('they have the numbers that its Java library gives them', () => {
    type Tree = { readonly [name: string]: Tree };
    const tree: Tree = {
      O: { A: {} },
      N: {},
      A: { X: {}, I: {}, B: { C: { X: { L: {}, D: { G: {}, F: { M: {} } } }, J: { K: {} } } } },
    };
    const messages = (of: Tree): object[] =>
      Object.entries(of).map(([name, nested]) => ({ name, nestedType: messages(nested) }));
    const file = create(FileDescriptorProtoSchema, {
      name: 'nested.proto',
      package: 'p',
      syntax: 'proto3',
      messageType: messages(tree),
    } as never);
    const registry = createFileRegistry(file, () => undefined);
    const numbers = ['A', 'A.B.C', 'A.B.C.J.K', 'A.B.C.X.D', 'A.B.C.X.L', 'A.X', 'O.A'].map((name) =>
      messageIndexOf(registry.getMessage(`p.${name}`)!),
    );
    expect(numbers).toEqual([0, 2, 4, 6, 10, 12, 15]);
  });

  const glue = protobuf(AnotherSchema, { versions: { [id]: AnotherSchema } });

  it('one of another number, version or without the header is refused', () => {
    expect(decoded(glue, withHeader([0, 8, 1]))).toEqual(create(AnotherSchema, { n: 1 }));
    expect(decoded(glue, withHeader([1, 8, 1]))).toEqual([
      'unknown-schema',
      'message 1 of its file was written, not 0',
    ]);
    expect(decoded(glue, withHeader([0]).with(2, 0))).toEqual([
      'unknown-schema',
      expect.stringContaining('schema version 00b4a7f0-'),
    ]);
    expect(decoded(glue, withHeader([]))).toEqual(['undecodable', 'no number of a message behind the header']);
    expect(decoded(glue, withHeader([255, 255, 255, 255, 255]))).toEqual([
      'undecodable',
      'no number of a message behind the header',
    ]);
    expect(decoded(glue, hex('0801'))).toEqual(['undecodable', expect.stringContaining('no header')]);
    expect(decoded(glue, '')).toEqual(['undecodable', expect.stringContaining('no header')]);
  });
});

it('says what is wrong with a schema and options', () => {
  expect(problemsOf(protobuf({} as never, { versions: { [id]: 'Flight' as never }, x: 1 } as never))).toEqual([
    'decode.x: there is no such option; use one of versions',
    `decode.versions.${id}: 'Flight' is not allowed; use the schema of a message, as @bufbuild/protoc-gen-es generates it`,
    'decode.schema: an object is not allowed; use the schema of a message, as @bufbuild/protoc-gen-es generates it',
  ]);
});

it('events of a pipeline have the type that was generated', () => {
  const definition = pipeline('protobuf')
    .readStream(kinesis({ streamName: 'flights' }))
    .decode(protobuf(FlightSchema))
    .filter((flight) => flight.delay > 15)
    .map((flight) => {
      expectTypeOf(flight).toExtend<Message<'flights.Flight'> & { ticket: bigint }>();
      return { origin: flight.origin, ticket: String(flight.ticket) };
    })
    .writeStream(kinesis({ streamName: 'out' }));
  const flight = toBinary(FlightSchema, create(FlightSchema, { origin: 'ORD', delay: 20, ticket: 2n ** 60n }));
  const { results, deadLetters } = runPipeline(definition, { events: [flight, flight.subarray(0, -1)] });
  expect(results).toEqual([{ origin: 'ORD', ticket: '1152921504606846976' }]);
  expect(deadLetters).toMatchObject([{ reason: 'undecodable' }]);
});
