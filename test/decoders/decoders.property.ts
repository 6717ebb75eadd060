/** The contract, for every decoder there is. */

import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { avroKind } from '../../functions/decoders/avro.ts';
import { decoderKinds } from '../../functions/decoders/index.ts';
import { avro } from '../../functions/index.ts';
import { utf8 } from '../support/builders.ts';
import { decoderContract } from './decoder-contract.ts';
import { AnotherSchema } from './vectors/readings_pb.ts';

const samples: Readonly<Record<string, { readonly options: () => unknown; readonly bytes: fc.Arbitrary<Uint8Array> }>> =
  {
    json: {
      options: () => ({ schema: z.array(z.json()) }),
      bytes: fc.array(fc.jsonValue(), { maxLength: 4 }).map((value) => utf8(JSON.stringify(value))),
    },
    bytes: { options: () => ({}), bytes: fc.uint8Array({ maxLength: 40 }) },
    text: { options: () => ({}), bytes: fc.string({ unit: 'grapheme' }).map(utf8) },
    csv: {
      options: () => ({
        columns: [
          { name: 'n', type: 'number' },
          { name: 't', type: 'text' },
        ],
        delimiter: ',',
        quotes: 'double',
      }),
      bytes: fc
        .tuple(fc.maxSafeInteger(), fc.string())
        .map(([whole, text]) => utf8(`${whole},"${text.replaceAll('"', '""')}"\r\n`)),
    },
    avro: {
      options: () => avroKind.read(avro({ type: 'map', values: ['null', 'string'] }), []),
      bytes: fc.dictionary(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), { maxKeys: 5 }).map(avroMap),
    },
    protobuf: {
      options: () => ({ schema: AnotherSchema, versions: undefined }),
      bytes: fc.integer().map((n) => toBinary(AnotherSchema, create(AnotherSchema, { n }))),
    },
  };

const sized = (text: string): number[] => [utf8(text).length * 2, ...utf8(text)];

/** Texts of less than 64 bytes, whose lengths are one byte. */
function avroMap(map: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(map).filter(([key, value]) => utf8(key).length < 64 && utf8(value).length < 64);
  const bytes = entries.flatMap(([key, value]) => [...sized(key), 2, ...sized(value)]);
  return Uint8Array.from(entries.length === 0 ? [0] : [entries.length * 2, ...bytes, 0]);
}

it('is asked of each kind', () => {
  expect(decoderKinds.all.map(({ kind }) => kind)).toEqual(Object.keys(samples));
});

for (const kind of decoderKinds.all) decoderContract(kind, samples[kind.kind]!.options, samples[kind.kind]!.bytes);
