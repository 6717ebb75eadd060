/** The short way through the message of an aggregate against the long one alone, on bytes that a KPL writes and on others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventsInRecord } from '../../functions/core/events-in-record.ts';
import { aggregate } from '../../functions/core/pack-events.ts';
import { left, readAggregate, takeUsual } from '../../functions/core/read-aggregate.ts';
import { md5 } from '../support/builders.ts';

const [before, behind] = [4, 16];

const byLongWay = (data: Uint8Array) => readAggregate(data, before, data.length - behind, () => left);
const read = (data: Uint8Array) => readAggregate(data, before, data.length - behind);
const said = (events: EventsInRecord | string) => (typeof events === 'string' ? events : events.all());
const takenShort = (data: Uint8Array): number => {
  let taken = 0;
  readAggregate(data, before, data.length - behind, (events, cursor) => {
    const next = takeUsual(events, cursor);
    if (next !== left) taken += 1;
    return next;
  });
  return taken;
};

/** Indexes and lengths of one byte, of two, and at their edges. */
const keys = fc.nat(200).map((key) => `key-${key}`);
const event = fc.record({
  partitionKey: keys,
  explicitHashKey: fc.option(fc.nat(300).map(String), { nil: undefined }),
  data: fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.integer({ min: 110, max: 140 }).map((size) => new Uint8Array(size).fill(0x1a)),
    fc.integer({ min: 16_370, max: 16_390 }).map((size) => new Uint8Array(size).fill(8)),
  ),
});
const events = fc.oneof(
  { weight: 3, arbitrary: fc.array(event, { minLength: 1, maxLength: 6 }) },
  fc.array(event, { minLength: 130, maxLength: 150 }),
);
/** Where the fields of records stand, mostly, and what makes numbers longer or shorter. */
const changes = fc.array(
  fc.tuple(
    fc.oneof(fc.nat(60), fc.nat(4_000)),
    fc.oneof(fc.constantFrom(0, 1, 8, 0x10, 0x1a, 0x7f, 0x80, 0x81, 0xff), fc.nat(255)),
  ),
  { minLength: 1, maxLength: 4 },
);

/** A number in as few bytes as it needs, or in more; and some that go on into what follows. */
const numberOf = (value: number): fc.Arbitrary<readonly number[]> =>
  fc.nat(3).map((more) => {
    const bytes = value < 128 ? [value] : [(value % 128) + 128, value >> 7];
    if (more === 0) return bytes;
    return [...bytes.slice(0, -1), bytes.at(-1)! + 128, ...Array.from({ length: more - 1 }, () => 128), 0];
  });
const index = fc.oneof(
  fc.constantFrom(0, 1, 127, 128, 129).chain(numberOf),
  fc.constantFrom([0x80, 0x81], [0x80, 0x81, 0x1a, 3, 0x1a], [0x80, 0x80, 8]),
);
/** One record of a message, its fields in the order of a KPL's. */
const written = fc
  .tuple(index, fc.option(index, { nil: undefined }), fc.constantFrom(0, 1, 2, 130))
  .chain(([key, hashKey, size]) =>
    numberOf(size).map((length) => {
      const hash = hashKey === undefined ? [] : [0x10, ...hashKey];
      return [8, ...key, ...hash, 0x1a, ...length, ...new Uint8Array(size).fill(8)];
    }),
  )
  .chain((fields) => numberOf(fields.length).map((length) => [0x1a, ...length, ...fields]));

describe('the short way through an aggregate', () => {
  it('takes each event of what a KPL writes, but for numbers of three bytes (MESSAGE-1)', () => {
    fc.assert(
      fc.property(events, (given) => {
        const data = aggregate(given, md5);
        const short = given.filter(({ data: { length } }) => length < 16_370).length;
        expect(takenShort(data)).toBeGreaterThanOrEqual(short);
        expect(said(read(data))).toEqual(said(byLongWay(data)));
      }),
      { numRuns: 30 },
    );
  });

  it('says of changed bytes what the long way says (MESSAGE-1)', () => {
    const seen = { same: 0, corrupt: 0, short: 0 };
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 6 }), changes, (given, list) => {
        const data = aggregate(given, md5);
        const size = data.length - before - behind;
        for (const [at, value] of list) data[before + (at % size)] = value;
        const answer = said(read(data));
        expect(answer).toEqual(said(byLongWay(data)));
        seen[typeof answer === 'string' ? 'corrupt' : 'same'] += 1;
        seen.short += takenShort(data);
      }),
      { numRuns: 4_000 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(400);
  });

  it('leaves numbers that go on for longer to the long way (MESSAGE-1)', () => {
    const seen = { read: 0, corrupt: 0 };
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 3 }), fc.boolean(), (records, areNamed) => {
        // With 130 keys, an index of two bytes is in the table; without, a wrong one shows by its text.
        const table = Array.from({ length: areNamed ? 130 : 1 }, (_, key) => [0x0a, 1, key % 128]).flat();
        const hashKeys = Array.from({ length: 130 }, (_, key) => [0x12, 1, key % 128]).flat();
        const data = Uint8Array.of(
          0,
          0,
          0,
          0,
          ...table,
          ...hashKeys,
          ...records.flat(),
          ...new Uint8Array(behind).fill(1),
        );
        const answer = said(read(data));
        expect(answer).toEqual(said(byLongWay(data)));
        seen[typeof answer === 'string' ? 'corrupt' : 'read'] += 1;
      }),
      { numRuns: 5_000 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  });
});
