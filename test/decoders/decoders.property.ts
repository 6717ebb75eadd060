/** The contract, for every decoder there is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { decoderKinds } from '../../functions/decoders/index.ts';
import { utf8 } from '../support/builders.ts';
import { decoderContract } from './decoder-contract.ts';

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
  };

it('is asked of each kind', () => {
  expect(decoderKinds.all.map(({ kind }) => kind)).toEqual(Object.keys(samples));
});

for (const kind of decoderKinds.all) decoderContract(kind, samples[kind.kind]!.options, samples[kind.kind]!.bytes);
