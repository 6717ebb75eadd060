/** Keys of a table as texts: all of it at once or one by one, what a decoder gives for the bytes of each. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyTable } from '../../functions/core/key-table.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const ascii = fc
  .oneof({ weight: 4, arbitrary: fc.integer({ min: 0x30, max: 0x7a }) }, fc.nat(0x7f))
  .map((byte) => [byte]);
/** Cut sequences, a mark of byte order, what stands for what can't be read, and characters of two bytes to four. */
const others = fc.constantFrom(
  [0x80],
  [0xff],
  [0xe2, 0x82],
  [0xef, 0xbb, 0xbf],
  [0xef, 0xbf, 0xbd],
  [0xc3, 0xbc],
  [0xf0, 0x9f, 0x98, 0x80],
);
const textOf = (maxLength: number, character: fc.Arbitrary<readonly number[]>) =>
  fc.array(character, { maxLength }).map((characters) => characters.flat());
const keyOf = (character: fc.Arbitrary<readonly number[]>) => fc.oneof(textOf(14, character), textOf(80, character));

/** Each key behind what else stands in the record. */
const tables = fc.oneof(
  fc.array(fc.tuple(textOf(3, ascii), keyOf(ascii)), { minLength: 1, maxLength: 8 }),
  fc.array(fc.tuple(textOf(3, ascii), keyOf(fc.oneof({ weight: 30, arbitrary: ascii }, others))), {
    minLength: 1,
    maxLength: 8,
  }),
  fc.array(fc.tuple(textOf(3, fc.oneof(ascii, others)), keyOf(ascii)), { minLength: 1, maxLength: 8 }),
);

it('are what the decoder says of each, in whatever order they are asked for', () => {
  const seen = { ascii: 0, other: 0 };
  fc.assert(
    fc.property(tables, fc.boolean(), (given, backwards) => {
      const bytes = Uint8Array.from(given.flatMap(([before, key]) => [...before, ...key]));
      const table = new KeyTable(bytes);
      let at = 0;
      for (const [before, key] of given) {
        at += before.length + key.length;
        table.add(at - key.length, at);
      }
      const order = backwards ? [...given.keys()].reverse() : [...given.keys()];
      for (const index of order) {
        const expected = decoder.decode(bytes.subarray(table.startOf(index), table.endOf(index)));
        expect(table.at(index)).toBe(expected);
        expect(table.at(index)).toBe(expected);
      }
      seen[bytes.every((byte) => byte < 0x80) ? 'ascii' : 'other'] += 1;
    }),
    { numRuns: 600 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
});

it('are the same of a table that is larger than what becomes a text at once', () => {
  const bytes = new Uint8Array(70_000).fill(0x61);
  const table = new KeyTable(bytes);
  table.add(1, 8);
  table.add(69_000, 69_040);
  expect([table.at(0), table.at(1)]).toEqual(['a'.repeat(7), 'a'.repeat(40)]);
});
