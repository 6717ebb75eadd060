import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../functions/adapters/dynamodb/packed-json.ts';

const long = fc.array(fc.record({ key: fc.string({ unit: 'binary' }), count: fc.double({ noNaN: true }) }), {
  maxLength: 400,
});

describe('a saved value', () => {
  it('is read back as it was, plain or compressed, of any size', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), long), fc.constantFrom(undefined, { plainBytes: 0 }), (value, options) => {
        const json = JSON.parse(JSON.stringify(value));
        expect(decode(encode(value, options))).toEqual(json);
        // Services give bytes that lie anywhere in a buffer.
        const shifted = Buffer.concat([Buffer.alloc(3), encode(value, options)]).subarray(3);
        expect(decode(shifted)).toEqual(json);
      }),
    );
  });

  it('is plain as long as its item fits into the KB that DynamoDB bills', () => {
    const of = (length: number) => encode('x'.repeat(length - 3));
    expect(Buffer.from(of(900)).toString()).toBe(`\0"${'x'.repeat(897)}"`);
    expect(of(901)[0]).toBe(1);
    expect(inflateRawSync(of(901).subarray(1)).toString()).toBe(JSON.stringify('x'.repeat(898)));
    expect(of(901).length).toBeLessThan(50);
  });
});
