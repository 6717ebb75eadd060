/** RESENT-1 to RESENT-4: which events of a KPL record come again in another shard. */
import { describe, expect, it } from 'vitest';
import { hashKeyOf, type Md5 } from '../../functions/core/hash-key.ts';
import { resentEventsOf } from '../../functions/core/resent-events.ts';
import { md5 } from '../support/builders.ts';

const middle = 2n ** 127n;
const all = { start: '0', end: String(2n ** 128n - 1n) };
const lower = { start: '0', end: String(middle - 1n) };
const upper = { start: String(middle), end: all.end };
const byKpl = { partitionKey: 'a' };

/** Two keys, one of each half. */
const inLower = 'user-2';
const inUpper = 'user-0';

it('the keys of these tests are where they should be', () => {
  expect(hashKeyOf(inLower, md5)).toBeLessThan(middle);
  expect(hashKeyOf(inUpper, md5)).toBeGreaterThanOrEqual(middle);
});

describe('an event of a KPL record', () => {
  it('comes again if the MD5 of its key lies outside of the shard (RESENT-1)', () => {
    const keys = [inLower, inUpper].map((partitionKey) => ({ partitionKey }));
    expect(keys.map((event) => resentEventsOf(lower, md5)(byKpl, event))).toEqual([false, true]);
    expect(keys.map((event) => resentEventsOf(upper, md5)(byKpl, event))).toEqual([true, false]);
  });

  it.each([
    ['the first of the shard', String(middle), false],
    ['the last of the shard', all.end, false],
    ['one below', String(middle - 1n), true],
    ['zero', '0', true],
    ['one with zeros in front', `0${middle}`.slice(-39), false],
  ])('goes by its explicit hash key, whatever the partition key: %s', (_, explicitHashKey, expected) => {
    const isResent = resentEventsOf(upper, md5);
    for (const partitionKey of [inLower, inUpper])
      expect(isResent(byKpl, { partitionKey, explicitHashKey })).toBe(expected);
  });

  it.each(['', 'abc', '-1', '0x10', '1.5', ' 1', String(2n ** 128n), '9'.repeat(40)])(
    'stays if its explicit hash key is none: %s',
    (explicitHashKey) => {
      for (const range of [lower, upper])
        expect(resentEventsOf(range, md5)(byKpl, { partitionKey: inLower, explicitHashKey })).toBe(false);
    },
  );
});

describe('an event of any other record', () => {
  it.each(['', 'user-0', 'b', 'A', 'aa'])(
    'stays, wherever its key belongs: record with key "%s" (RESENT-2)',
    (partitionKey) => {
      for (const range of [lower, upper]) {
        const isResent = resentEventsOf(range, md5);
        expect(isResent({ partitionKey }, { partitionKey: inLower })).toBe(false);
        expect(isResent({ partitionKey }, { partitionKey: inUpper, explicitHashKey: '0' })).toBe(false);
      }
    },
  );
});

describe('hashes (RESENT-4)', () => {
  function counted(): { readonly md5: Md5; readonly hashed: () => number } {
    let hashed = 0;
    return {
      md5: (bytes) => {
        hashed += 1;
        return md5(bytes);
      },
      hashed: () => hashed,
    };
  }

  it('are not computed for a shard that has all keys', () => {
    const { md5: counting, hashed } = counted();
    expect(resentEventsOf(all, counting)(byKpl, { partitionKey: inLower })).toBe(false);
    expect(hashed()).toBe(0);
  });

  it('are computed once for each key, and for none that says its hash key itself', () => {
    const { md5: counting, hashed } = counted();
    const isResent = resentEventsOf(lower, counting);
    for (let round = 0; round < 5; round++) {
      for (const partitionKey of [inLower, inUpper, 'user-1']) isResent(byKpl, { partitionKey });
      isResent(byKpl, { partitionKey: 'user-3', explicitHashKey: '7' });
      isResent({ partitionKey: 'user-4' }, { partitionKey: 'user-4' });
    }
    expect(hashed()).toBe(3);
  });

  it('are forgotten before they are too many, and right all the same', () => {
    const isResent = resentEventsOf(lower, md5);
    for (let key = 0; key < 25_000; key++) isResent(byKpl, { partitionKey: `key-${key}` });
    expect([inLower, inUpper].map((partitionKey) => isResent(byKpl, { partitionKey }))).toEqual([false, true]);
  });
});
