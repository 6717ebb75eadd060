import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AggregatedEvent, deaggregate } from '../../functions/core/aggregated-record.ts';
import { isInRange, shardFor } from '../../functions/core/hash-key.ts';
import { aggregate, packEvents } from '../../functions/core/pack-events.ts';

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();

/** Few distinct keys, so that tables are shared, and any character in them. */
const keys = fc.oneof(fc.constantFrom('a', 'b', 'Zürich', '\ufeff', ''), fc.string({ unit: 'binary', maxLength: 80 }));
const hashKeys = fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String), { nil: undefined });
const event: fc.Arbitrary<AggregatedEvent> = fc.record({
  partitionKey: keys,
  explicitHashKey: hashKeys,
  data: fc.uint8Array({ maxLength: 300 }),
});
const manyEvents = fc.array(event, { maxLength: 200, size: 'max' });

const eventsOf = (data: Uint8Array): readonly AggregatedEvent[] => {
  const result = deaggregate({ data }, md5);
  if (result.kind !== 'aggregated') throw new Error(`it is ${result.kind}`);
  return result.events;
};

describe('an aggregated record', () => {
  it('gives back what was put into it', () => {
    fc.assert(
      fc.property(manyEvents, (events) => {
        expect(eventsOf(aggregate(events, md5))).toEqual(events);
      }),
    );
  });

  it('gives views, whatever stands around it in the buffer (KPL-5)', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1 }), fc.nat(50), fc.boolean(), (events, before, isBuffer) => {
        const record = aggregate(events, md5);
        const outer = new Uint8Array(before + record.length + 9).fill(0xff);
        outer.set(record, before);
        const view = outer.subarray(before, before + record.length);
        const read = eventsOf(isBuffer ? Buffer.from(view.buffer, view.byteOffset, view.length) : view);
        expect(read).toEqual(events);
        expect(read.every(({ data }) => data.buffer === outer.buffer)).toBe(true);
      }),
    );
  });

  it('gives no event after any change of its bytes: it is none, or one that cannot be read (KPL-1, KPL-2)', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (events, at, flip) => {
        const record = aggregate(events, md5);
        record[at % record.length]! ^= flip;
        expect(deaggregate({ data: record }, md5).kind).toBe(at % record.length < 4 ? 'plain' : 'corrupt');
      }),
    );
  });

  it('never makes reading throw, nor give bytes from outside, whatever its message (KPL-4)', () => {
    // An MD5 that agrees with any digest, so that the damage reaches the reader of the message.
    const messages = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.array(event, { maxLength: 5 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat())
        .map(([events, changes, cut]) => {
          const message = aggregate(events, md5).slice(4, -16);
          for (const [at, value] of changes) if (message.length > 0) message[at % message.length] = value;
          return cut % 3 === 0 ? message.subarray(0, cut % (message.length + 1)) : message;
        }),
    );
    const seen = new Set<string>();
    fc.assert(
      fc.property(messages, (message) => {
        const data = Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...message, ...md5(message)]);
        const result = deaggregate({ data }, md5);
        seen.add(result.kind);
        expect(result.kind).not.toBe('plain');
        if (result.kind !== 'aggregated') return;
        for (const { data: view } of result.events) {
          expect(view.byteOffset).toBeGreaterThanOrEqual(4);
          expect(view.byteOffset + view.length).toBeLessThanOrEqual(data.length - 16);
        }
      }),
      { numRuns: 2_000 },
    );
    expect([...seen].sort()).toEqual(['aggregated', 'corrupt']);
  });

  it('never makes reading throw, whatever the record (KPL-4)', () => {
    const almost = fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...rest]));
    fc.assert(
      fc.property(fc.uint8Array(), almost, (other, data) => {
        expect(deaggregate({ data: other }, md5).kind).toBe('plain');
        expect(deaggregate({ data }, md5).kind).toBe('corrupt');
      }),
    );
  });
});

describe('packing', () => {
  const limits = fc.record({
    maxBytes: fc.integer({ min: 0, max: 2_000 }),
    maxEvents: fc.integer({ min: 1, max: 40 }),
  });

  it('keeps events, order and limits (PACK-2, PACK-3, PACK-4)', () => {
    fc.assert(
      fc.property(manyEvents, limits, (events, { maxBytes, maxEvents }) => {
        const records = packEvents(events, { maxBytes, maxEvents }, md5);
        const unpacked = records.flatMap(({ data, partitionKey, explicitHashKey }) => {
          const result = deaggregate({ data }, md5);
          return result.kind === 'plain' ? [{ data, partitionKey, explicitHashKey }] : eventsOf(data);
        });
        expect(unpacked).toEqual(events);
        for (const { data, count } of records) {
          expect(count).toBeLessThanOrEqual(maxEvents);
          if (count > 1) expect(data.length).toBeLessThanOrEqual(maxBytes);
        }
      }),
    );
  });

  it('leaves no pack that its successor would still have fitted into', () => {
    fc.assert(
      fc.property(manyEvents, limits, (events, { maxBytes, maxEvents }) => {
        let next = 0;
        for (const { count } of packEvents(events, { maxBytes, maxEvents }, md5)) {
          const withOneMore = events.slice(next, next + count + 1);
          next += count;
          if (next === events.length) return;
          expect(withOneMore.length > maxEvents || aggregate(withOneMore, md5).length > maxBytes).toBe(true);
        }
      }),
    );
  });
});

describe('the shard of a hash key', () => {
  it('is the one a search through all ranges finds (HASH-2)', () => {
    const cuts = fc.uniqueArray(fc.bigInt({ min: 0n, max: 1_000n }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, fc.bigInt({ min: 0n, max: 1_000n }), (numbers, hashKey) => {
        const sorted = numbers.sort((a, b) => (a < b ? -1 : 1));
        const ranges = sorted.flatMap((startingHashKey, i) => {
          const endingHashKey = sorted[i + 1];
          return i % 2 === 1 || endingHashKey === undefined ? [] : [{ startingHashKey, endingHashKey }];
        });
        expect(shardFor(hashKey, ranges)).toBe(ranges.find((range) => isInRange(hashKey, range)));
      }),
    );
  });
});
