import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deaggregate } from '../../functions/core/aggregated-record.ts';
import { effectiveHashKey, hashKeyOf, isInRange, shardFor } from '../../functions/core/hash-key.ts';
import { aggregate, packEvents } from '../../functions/core/pack-events.ts';

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();
/** Bytes in hex; space and what follows a # on its line do not count. */
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/#.*|\s/g, ''), 'hex'));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const largest = '340282366920938463463374607431768211455';

/** Written by hand after the published format: three events, two partition keys, one explicit hash key. */
const threeEvents = hex(`
  f3899ac2                                            # magic
  0a 08 73656e736f722d31                              # partition_key_table[0] = sensor-1
  0a 07 5ac3bc72696368                                # partition_key_table[1] = Zürich
  12 27 33343032383233363639323039333834363334363333  # explicit_hash_key_table[0] = 2^128 - 1
        3734363037343331373638323131343535
  1a 0c  08 00        1a 08 7b2274223a32317d          # records[0]
  1a 0e  08 01 10 00  1a 08 7b2274223a32327d
  1a 05  08 00        1a 01 78
  a01095c8c6af760cdf2b1d3793dee4ff  # MD5
`);

/** A record whose digest is right, whatever the message says. */
const sealed = (message: string): Uint8Array => {
  const body = hex(message);
  return Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...body, ...md5(body)]);
};
const read = (data: Uint8Array) => deaggregate({ data }, md5);

describe('deaggregate', () => {
  it('reads events, keys by index and the explicit hash key of a record in the published format', () => {
    const result = read(threeEvents);
    if (result.kind !== 'aggregated') throw new Error(result.kind);
    expect(result.events.map((event) => ({ ...event, data: text(event.data) }))).toEqual([
      { partitionKey: 'sensor-1', explicitHashKey: undefined, data: '{"t":21}' },
      { partitionKey: 'Zürich', explicitHashKey: largest, data: '{"t":22}' },
      { partitionKey: 'sensor-1', explicitHashKey: undefined, data: 'x' },
    ]);
  });

  it('gives views into the record, also when the record is itself a view (KPL-5)', () => {
    const outer = new Uint8Array(threeEvents.length + 7);
    outer.set(threeEvents, 7);
    const result = read(outer.subarray(7));
    if (result.kind !== 'aggregated') throw new Error(result.kind);
    expect(result.events[0]?.data.buffer).toBe(outer.buffer);
    expect(text(result.events[2]!.data)).toBe('x');
  });

  it.each([
    ['nothing at all', new Uint8Array()],
    ['ordinary bytes', utf8('{"speed":12}, long enough for a digest')],
    ['a wrong magic', Uint8Array.from([0xf3, 0x89, 0x9a, 0xc3, ...threeEvents.subarray(4)])],
    ['half of the magic', hex('f389')],
  ])('takes %s for an ordinary record (KPL-1)', (_, data) => {
    expect(read(data)).toEqual({ kind: 'plain' });
  });

  it.each([
    ['the magic alone', hex('f3899ac2'), '4 bytes have no room for the digest'],
    ['one byte too short for a digest', hex(`f3899ac2${'00'.repeat(15)}`), '19 bytes have no room for the digest'],
    ['room for a digest that is wrong', hex(`f3899ac2${'00'.repeat(16)}`), 'the digest does not fit the message'],
    [
      'a wrong last byte of the digest',
      Uint8Array.from([...threeEvents.subarray(0, -1), 0]),
      'the digest does not fit the message',
    ],
    ['a record whose end was cut off', threeEvents.subarray(0, -9), 'the digest does not fit the message'],
  ])('takes %s for no event, and for no ordinary record either (KPL-2)', (_, data, reason) => {
    expect(read(data)).toEqual({ kind: 'corrupt', reason });
  });

  it.each([
    ['no message', ''],
    ['tables without records', '0a0161 120131'],
  ])('reads %s as an aggregate of nothing', (_, message) => {
    expect(read(sealed(message))).toEqual({ kind: 'aggregated', events: [] });
  });

  it.each([
    ['tables behind the records', '1a05 0800 1a0178  0a0161'],
    ['fields of a record in another order', '0a0161  1a05 1a0178 0800'],
    ['tags', '0a0161  1a0a 0800 1a0178 2203 0a0174'],
    ['unknown fields of every kind', '4807 510000000000000000 5d00000000 0a0161  1a08 0800 1a0178 4a0163'],
    ['a field of ours with a foreign wire type', '0801 0a0161  1a05 0800 1a0178'],
    ['an index in more bytes than needed', '0a0161  1a07 08808000 1a0178'],
    ['a repeated field, of which the last counts', '0a0161  1a0a 0809 0800 1a0179 1a0178'],
  ])('copes with %s', (_, message) => {
    expect(read(sealed(message))).toEqual({
      kind: 'aggregated',
      events: [{ partitionKey: 'a', explicitHashKey: undefined, data: utf8('x') }],
    });
  });

  it.each([
    ['a partition key index outside the table', '0a0161  1a05 0801 1a0178', /record 0 .* no partition key/],
    ['no partition key index', '0a0161  1a03 1a0178', /record 0 .* no partition key/],
    ['an explicit hash key index outside the table', '0a0161  1a07 0800 1000 1a0178', /explicit hash key/],
    ['a record without data', '0a0161  1a02 0800', /no data/],
    ['a bad record behind good ones (KPL-3)', '0a0161  1a05 0800 1a0178  1a05 0805 1a0178', /record 1/],
    ['a record longer than the message', '0a0161  1a7f 0800 1a0178', /length of 127/],
    ['data longer than its record', '0a0161  1a05 0800 1a0278 0a0162', /length of 2/],
    ['a number without an end', '0a0161  1a05 08ffffffff', /number without an end/],
    ['a number of eleven bytes', `0a0161  1a0d 08${'80'.repeat(11)}00`, /number without an end/],
    ['a group', '0b 0c', /wire type 3/],
    ['field number 0', '0001', /field number 0/],
    ['a field number of 30 bits', '808080801001', /field number 536870912/],
    ['a cut fixed number', '51000000', /cut number/],
  ])('calls %s corrupt (KPL-2)', (_, message, reason) => {
    expect(read(sealed(message))).toEqual({ kind: 'corrupt', reason: expect.stringMatching(reason) });
  });

  it('reads events of no bytes like any others', () => {
    expect(read(sealed('0a0161  1a04 0800 1a00  1a05 0800 1a0178  1a04 0800 1a00'))).toEqual({
      kind: 'aggregated',
      events: ['', 'x', ''].map((data) => ({ partitionKey: 'a', explicitHashKey: undefined, data: utf8(data) })),
    });
  });

  it('keeps a byte order mark at the head of a key', () => {
    const result = read(sealed('0a04efbbbf61  1a05 0800 1a0178'));
    expect(result).toMatchObject({ events: [{ partitionKey: '\ufeffa' }] });
  });

  it('reads a key too long for the short way', () => {
    const partitionKey = `${'k'.repeat(200)}ü`;
    const data = aggregate([{ partitionKey, data: utf8('x') }], md5);
    expect(read(data)).toMatchObject({ events: [{ partitionKey }] });
  });
});

describe('aggregate', () => {
  it('writes the bytes of the published format, each key once (PACK-1)', () => {
    const data = aggregate(
      [
        { partitionKey: 'sensor-1', data: utf8('{"t":21}') },
        { partitionKey: 'Zürich', explicitHashKey: largest, data: utf8('{"t":22}') },
        { partitionKey: 'sensor-1', data: utf8('x') },
      ],
      md5,
    );
    expect(Buffer.from(data).toString('hex')).toBe(Buffer.from(threeEvents).toString('hex'));
  });

  it('writes nothing as an aggregate of nothing', () => {
    expect(read(aggregate([], md5))).toEqual({ kind: 'aggregated', events: [] });
  });
});

describe('packEvents', () => {
  const event = (size: number, partitionKey = 'k') => ({ partitionKey, data: new Uint8Array(size).fill(1) });

  it('packs nothing into nothing', () => {
    expect(packEvents([], {}, md5)).toEqual([]);
  });

  it('sends a lone event as an ordinary record (PACK-4)', () => {
    const lone = { partitionKey: 'k', explicitHashKey: '7', data: utf8('x') };
    expect(packEvents([lone], {}, md5)).toEqual([{ ...lone, count: 1 }]);
  });

  it('wraps a lone event that looks like an aggregate itself (PACK-4)', () => {
    const [record] = packEvents([{ partitionKey: 'k', data: threeEvents }], {}, md5);
    expect(read(record!.data)).toEqual({
      kind: 'aggregated',
      events: [{ partitionKey: 'k', explicitHashKey: undefined, data: threeEvents }],
    });
  });

  it('sends an event over the limit alone, and its neighbours without it (PACK-2)', () => {
    const counts = packEvents([event(10), event(10), event(60_000), event(10), event(10)], {}, md5);
    expect(counts.map(({ count }) => count)).toEqual([2, 1, 2]);
  });

  it('fills a pack to the last byte, and not past it (PACK-2)', () => {
    // 20 of frame, 3 of the key's table, and per event 2 of record head, 2 of key index, 2 of data head, 10 of data.
    const three = 20 + 3 + 3 * 16;
    const events = [event(10), event(10), event(10), event(10)];
    expect(packEvents(events, { maxBytes: three }, md5).map(({ data }) => data.length)).toEqual([three, 10]);
    expect(packEvents(events, { maxBytes: three - 1 }, md5).map(({ count }) => count)).toEqual([2, 2]);
  });

  it('closes a pack at the number of events', () => {
    const records = packEvents([event(1), event(1), event(1)], { maxEvents: 2 }, md5);
    expect(records.map(({ count }) => count)).toEqual([2, 1]);
  });

  it('goes by the keys of the first event (PACK-5)', () => {
    const events = [{ ...event(1, 'first'), explicitHashKey: '42' }, event(1, 'second')];
    expect(packEvents(events, {}, md5)).toMatchObject([{ partitionKey: 'first', explicitHashKey: '42', count: 2 }]);
  });
});

describe('hash keys', () => {
  const halves = [
    { shardId: 'shardId-000000000001', startingHashKey: 0n, endingHashKey: 2n ** 127n - 1n },
    { shardId: 'shardId-000000000002', startingHashKey: 2n ** 127n, endingHashKey: 2n ** 128n - 1n },
  ];

  it('are the MD5 of the partition key as an unsigned number', () => {
    expect(hashKeyOf('a', md5)).toBe(0x0cc175b9c0f1b6a831c399e269772661n);
    expect(hashKeyOf('Zürich', md5)).toBe(BigInt(`0x${createHash('md5').update('Zürich').digest('hex')}`));
  });

  it('are the explicit one if there is one', () => {
    expect(effectiveHashKey({ partitionKey: 'a', explicitHashKey: largest }, md5)).toBe(2n ** 128n - 1n);
    expect(effectiveHashKey({ partitionKey: 'a' }, md5)).toBe(hashKeyOf('a', md5));
  });

  it('belong to the shard whose range holds them, both ends included (HASH-1)', () => {
    const shardOf = (hashKey: bigint) => shardFor(hashKey, halves)?.shardId;
    expect([0n, 2n ** 127n - 1n].map(shardOf)).toEqual(['shardId-000000000001', 'shardId-000000000001']);
    expect([2n ** 127n, 2n ** 128n - 1n].map(shardOf)).toEqual(['shardId-000000000002', 'shardId-000000000002']);
    expect(isInRange(2n ** 127n, halves[0]!)).toBe(false);
  });

  it('belong to no shard outside of every range (HASH-2)', () => {
    expect(shardFor(5n, [])).toBeUndefined();
    expect(shardFor(5n, halves.slice(1))).toBeUndefined();
    expect(shardFor(2n ** 127n, halves.slice(0, 1))).toBeUndefined();
  });
});
