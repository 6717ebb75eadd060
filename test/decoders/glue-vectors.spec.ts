/** Payloads as the Java library of the AWS Glue Schema Registry writes them; `GlueVectors.java` made them with it. */
import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { avro, json } from '../../functions/index.ts';
import { protobuf } from '../../functions/protobuf.ts';
import { decoded, hex } from './decoded.ts';
import { AnotherSchema, Reading_PartSchema, ReadingSchema } from './vectors/readings_pb.ts';
import { readVectors } from './vectors/vectors.ts';

type Vector = { readonly name: string; readonly compression: 'NONE' | 'ZLIB'; readonly hex: string };

const id = 'b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63';
const flight = {
  type: 'record',
  name: 'Flight',
  namespace: 'flights',
  fields: [
    { name: 'origin', type: 'string' },
    { name: 'delay', type: ['null', 'int'] },
  ],
};
const reading = {
  id: 7n,
  name: 'Ada',
  tags: { a: 1 },
  parts: [{ n: -2, of: { choice: { case: 'text', value: 'x' } } }],
} as const;

const expected: Readonly<Record<string, readonly [decoder: object, event: unknown]>> = {
  Another: [protobuf(AnotherSchema, { versions: { [id]: AnotherSchema } }), create(AnotherSchema, { n: -5 })],
  Reading: [protobuf(ReadingSchema, { versions: { [id]: ReadingSchema } }), create(ReadingSchema, reading as never)],
  'Reading.Part': [
    protobuf(Reading_PartSchema, { versions: { [id]: Reading_PartSchema } }),
    create(Reading_PartSchema, { n: 9 }),
  ],
  avro: [avro(flight, { versions: { [id]: flight } }), { origin: 'ORD', delay: 20 }],
  json: [json(z.object({ origin: z.string(), delay: z.number() }), { header: 'glue' }), { origin: 'ORD', delay: 20 }],
};

it.each(readVectors<readonly Vector[]>('glue.json'))('$name, compressed by $compression', ({ name, hex: written }) => {
  const [decoder, event] = expected[name]!;
  expect(decoded(decoder, hex(written))).toEqual(event);
});
