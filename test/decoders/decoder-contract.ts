/** DECODER-1, DECODER-2 for any decoder: what is registered is tested by this. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decode, type DecoderKind, Undecoded } from '../../functions/decoders/decoder-kind.ts';
import { inflate } from '../support/builders.ts';

/** `options` are made anew for each run; `bytes` are such as it decodes. */
export function decoderContract<Options>(
  kind: DecoderKind<Options>,
  options: () => Options,
  bytes: fc.Arbitrary<Uint8Array>,
): void {
  const open = (): Decode => kind.open(options(), inflate);
  const anything = fc.oneof(fc.uint8Array({ maxLength: 40 }), bytes);

  describe(`decoder ${kind.kind}`, () => {
    it('gives a value or a reason for any bytes, and the same whatever came before (DECODER-1, DECODER-2)', () => {
      fc.assert(
        fc.property(fc.array(anything, { minLength: 1, maxLength: 10 }), (records) => {
          const decode = open();
          for (const record of records) {
            const decoded = decode(record);
            expect(decoded).toEqual(open()(record));
            if (decoded instanceof Undecoded) expect(decoded.message).not.toBe('');
          }
        }),
        { numRuns: 500 },
      );
    });

    it('decodes what it is made for', () => {
      fc.assert(fc.property(bytes, (record) => !(open()(record) instanceof Undecoded)));
    });

    it('hands out the bytes of the record only if it says so, and leaves them as they are', () => {
      fc.assert(
        fc.property(anything, (record) => {
          const before = Uint8Array.from(record);
          const decoded = open()(record);
          expect(record).toEqual(before);
          if (!kind.sharesBytes) expect(decoded).not.toBe(record);
        }),
      );
    });
  });
}
