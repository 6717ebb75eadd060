/** Which events of a record come again: by the bytes of keys against by their texts. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAggregate } from '../../functions/core/aggregated-record.ts';
import { resentEventsOf } from '../../functions/core/resent-events.ts';
import { mostShortBytes, shortMd5 } from '../../functions/core/short-md5.ts';
import { md5 } from '../support/builders.ts';

const largest = 2n ** 128n - 1n;
const digits = fc.bigInt({ min: 0n, max: largest }).map(String);
/** As bytes: ASCII up to a block and beyond it, other characters, and what is no UTF-8. */
const key = fc.oneof(
  fc.integer({ min: 0, max: 70 }).chain((size) => fc.uint8Array({ minLength: size, maxLength: size, max: 127 })),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 20 }),
);
const hashKey = fc.oneof(
  digits,
  digits.map((text) => `00${text}`),
  fc.constantFrom('', '0', '007', 'abc', '-1', ' 1', '1.5', String(largest), String(largest + 1n), '9'.repeat(40)),
);
const event = fc.record({ key: fc.nat(3), hashKey: fc.option(fc.nat(3), { nil: undefined }) });
/** Of a few shards next to each other, as splits make them, and of any. */
const range = fc.oneof(
  fc.nat(7).map((at) => {
    const size = (largest + 1n) / 8n;
    return { start: String(BigInt(at) * size), end: String((BigInt(at) + 1n) * size - 1n) };
  }),
  fc.tuple(digits, digits).map(([one, other]) => {
    const isOrdered = BigInt(one) <= BigInt(other);
    return isOrdered ? { start: one, end: other } : { start: other, end: one };
  }),
  fc.constantFrom({ start: '0', end: String(largest) }, { start: '0', end: '0' }, { start: '5', end: String(largest) }),
);

const field = (tag: number, bytes: Uint8Array): number[] => [tag, bytes.length, ...bytes];
function recordOf(keys: readonly Uint8Array[], hashKeys: readonly string[], events: readonly Event[]): Uint8Array {
  const message = [
    ...keys.flatMap((bytes) => field(0x0a, bytes)),
    ...hashKeys.flatMap((text) => field(0x12, new TextEncoder().encode(text))),
    ...events.flatMap(({ key: at, hashKey: other }) =>
      field(0x1a, Uint8Array.of(8, at, ...(other === undefined ? [] : [0x10, other]), 0x1a, 1, 0x78)),
    ),
  ];
  return Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...message, ...md5(Uint8Array.from(message))]);
}
type Event = { readonly key: number; readonly hashKey: number | undefined };
const four = <Value>(one: fc.Arbitrary<Value>) => fc.array(one, { minLength: 4, maxLength: 4 });

describe('events of a record that come again', () => {
  it('are those of which the texts of their keys say so (WITHIN-2)', () => {
    const seen = { again: 0, here: 0 };
    fc.assert(
      fc.property(
        ...[four(key), four(hashKey), fc.array(event, { maxLength: 12 }), range, fc.constantFrom('a', 'a', 'b')],
        (keys, hashKeys, events, hashRange, partitionKey) => {
          const opened = openAggregate({ data: recordOf(keys, hashKeys, events) }, md5);
          if (opened.kind !== 'aggregated') throw new Error(opened.kind);
          const isResent = resentEventsOf(hashRange, md5);
          const within = isResent.within({ partitionKey }, opened.events);
          const byTexts = opened.events.all().map((each) => isResent({ partitionKey }, each));
          const found = byTexts.map((_, index) => within?.has(index) ?? false);
          expect(found).toEqual(byTexts);
          // Said again, it is the same.
          expect(byTexts.map((_, index) => within?.has(index) ?? false)).toEqual(byTexts);
          for (const isAgain of byTexts) seen[isAgain ? 'again' : 'here'] += 1;
        },
      ),
      { numRuns: 3_000 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(1_000);
  });

  it('are by explicit hash keys what numbers say', () => {
    fc.assert(
      fc.property(hashKey, range, (explicitHashKey, { start, end }) => {
        const isNumber = /^\d{1,39}$/.test(explicitHashKey) && BigInt(explicitHashKey) <= largest;
        const isOutside =
          isNumber && (BigInt(explicitHashKey) < BigInt(start) || BigInt(explicitHashKey) > BigInt(end));
        const isResent = resentEventsOf({ start, end }, md5);
        expect(isResent({ partitionKey: 'a' }, { partitionKey: 'k', explicitHashKey })).toBe(isOutside);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('MD5 of a block', () => {
  it('is that of OpenSSL, for all lengths that fit', () => {
    const digest = new Uint32Array(4);
    for (let size = 0; size <= mostShortBytes; size++) {
      const bytes = Uint8Array.from({ length: size + 9 }, (_, at) => (at * 151 + size * 7) & 0xff);
      shortMd5(bytes, 4, 4 + size, digest);
      const hex = Array.from(digest, (word) => word.toString(16).padStart(8, '0')).join('');
      expect(hex, `${size} bytes`).toBe(
        createHash('md5')
          .update(bytes.subarray(4, 4 + size))
          .digest('hex'),
      );
    }
  });
});
