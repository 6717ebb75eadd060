/**
 * Our codec and `aws-kinesis-agg`, both ways; and 10,000 damaged records each, from which nothing may come out that was
 * not put in, with the digest as it was and with one that was made to fit.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AggregatedEvent, deaggregate } from '../../functions/core/aggregated-record.ts';
import { aggregate } from '../../functions/core/pack-events.ts';
import { packByAws, readByAws } from '../support/aws-kinesis-agg.ts';
import { md5 } from '../support/builders.ts';
import { readByDescription } from '../support/protobuf-reference.ts';

/** Without those that the library takes apart wrongly (see there), and without half surrogates, which are no UTF-8. */
const key = fc
  .oneof(fc.constantFrom('a', 'b', 'Zürich', '🚲'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }))
  .filter((text) => !/^\d+$/.test(text) && text !== '__proto__' && text.isWellFormed());
const hashKey = fc.bigInt({ min: 2n ** 32n, max: 2n ** 128n - 1n }).map(String);
const event: fc.Arbitrary<AggregatedEvent> = fc.record({
  partitionKey: key,
  explicitHashKey: fc.option(hashKey, { nil: undefined }),
  data: fc.uint8Array({ maxLength: 300 }),
});
const events = fc.array(event, { minLength: 1, maxLength: 150, size: 'max' });
const damagedRuns = 10_000;

describe('aws-kinesis-agg', () => {
  it('reads what we write', () => {
    fc.assert(
      fc.property(events, (given) => {
        expect(readByAws(aggregate(given, md5), { checksDigest: true })).toEqual(given);
      }),
    );
  });

  it('writes what we read, and the bytes that we write', () => {
    fc.assert(
      fc.property(events, (given) => {
        const record = packByAws(given);
        expect(deaggregate({ data: record }, md5)).toEqual({ kind: 'aggregated', events: given });
        expect(Buffer.compare(record, aggregate(given, md5))).toBe(0);
      }),
    );
  });
});

/** Flips, cuts, insertions, repetitions and wrong lengths: what transport, storage and broken producers do. */
type Damage =
  | { readonly kind: 'flip' | 'set' | 'insert'; readonly at: number; readonly byte: number }
  | { readonly kind: 'cut' | 'remove' | 'repeat'; readonly at: number; readonly length: number };

const place = fc.nat(4_000);
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constantFrom('flip', 'set', 'insert'), at: place, byte: fc.nat(255) }),
  // Lengths that are too long, and numbers that do not end.
  fc.record({ kind: fc.constant('set'), at: place, byte: fc.constantFrom(0x7f, 0x80, 0xff) }),
  fc.record({ kind: fc.constantFrom('cut', 'remove', 'repeat'), at: place, length: fc.integer({ min: 1, max: 40 }) }),
);

function damaged(record: Uint8Array, damages: readonly Damage[]): Uint8Array {
  let bytes = [...record];
  for (const each of damages) {
    if (bytes.length === 0) break;
    const at = each.at % bytes.length;
    switch (each.kind) {
      case 'flip':
        bytes[at]! ^= each.byte;
        break;
      case 'set':
        bytes[at] = each.byte;
        break;
      case 'insert':
        bytes.splice(at, 0, each.byte);
        break;
      case 'cut':
        bytes = bytes.slice(0, Math.max(0, bytes.length - each.length));
        break;
      case 'remove':
        bytes.splice(at, each.length);
        break;
      case 'repeat':
        bytes.splice(at, 0, ...bytes.slice(at, at + each.length));
    }
  }
  return Uint8Array.from(bytes);
}

const few = fc.array(event, { minLength: 1, maxLength: 6 });
const damages = fc.array(damage, { minLength: 1, maxLength: 4 });
const startsWithMagic = (data: Uint8Array): boolean => Buffer.from(data.subarray(0, 4)).toString('hex') === 'f3899ac2';
describe(`${damagedRuns} damaged records`, () => {
  it('give no event that was not in the original, as they are', () => {
    const seen = { plain: 0, aggregated: 0, corrupt: 0 };
    fc.assert(
      fc.property(few, damages, (given, list) => {
        const record = aggregate(given, md5);
        const data = damaged(record, list);
        const read = deaggregate({ data }, md5);
        seen[read.kind] += 1;
        // Without the four bytes it says nothing of being an aggregate; with them it is never taken for anything else.
        expect(read.kind === 'plain').toBe(!startsWithMagic(data));
        if (read.kind !== 'aggregated') return;
        expect(Buffer.compare(data, record)).toBe(0);
        expect(read.events).toEqual(given);
      }),
      { numRuns: damagedRuns },
    );
    expect(seen.corrupt).toBeGreaterThan(damagedRuns * 0.8);
    expect(seen.plain).toBeGreaterThan(0);
  });

  it('with a digest that fits the damage give what the format says is in them, or nothing', () => {
    const seen = { readable: 0, unreadable: 0, byBoth: 0 };
    fc.assert(
      fc.property(few, damages, (given, list) => {
        const message = damaged(aggregate(given, md5).slice(4, -16), list);
        const data = Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...message, ...md5(message)]);
        const expected = readByDescription(message);
        const read = deaggregate({ data }, md5);
        if (expected === undefined) {
          seen.unreadable += 1;
          expect(read.kind).toBe('corrupt');
          return;
        }
        seen.readable += 1;
        expect(read).toEqual({ kind: 'aggregated', events: expected.events });
        // protobufjs goes by field numbers alone, and looks into tags.
        if (!expected.isOrdinary) return;
        seen.byBoth += 1;
        expect(readByAws(data, { checksDigest: true })).toEqual(expected.events);
      }),
      { numRuns: damagedRuns },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(damagedRuns * 0.2);
  });
});
