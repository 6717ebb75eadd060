/** RANK-1 and RANK-2: an order of all events, the same as that of their parts as numbers. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareRanks, type EventRank, restoreRank, saveRank } from '../../functions/aggregates/event-rank.ts';

const rank: fc.Arbitrary<EventRank> = fc
  .record({
    time: fc.integer({ min: -2, max: 2 }),
    sequence: fc.oneof(fc.nat({ max: 12 }), fc.bigInt({ min: 10n ** 20n, max: 10n ** 20n + 2n })).map(String),
    sub: fc.nat({ max: 2 }),
    shard: fc.constantFrom('shardId-000000000000', 'shardId-000000000001'),
    at: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
  })
  .map(({ at, ...event }) => (at === undefined ? event : { ...event, at }));

/** One number that stands for all of the rank. */
const numberOf = ({ time, sequence, sub, shard, at = 0 }: EventRank): bigint =>
  (((BigInt(time) * 10n ** 25n + BigInt(sequence)) * 10n + BigInt(sub)) * 10n + BigInt(shard.at(-1)!)) * 10n +
  BigInt(at);

it('orders events by time, sequence number, place and shard, and elements of one by their own place, each as a number', () => {
  fc.assert(
    fc.property(rank, rank, (one, other) => {
      const difference = numberOf(one) - numberOf(other);
      expect(Math.sign(compareRanks(one, other))).toBe(difference === 0n ? 0 : difference < 0n ? -1 : 1);
    }),
    { numRuns: 3_000 },
  );
});

it('is the same after it was saved as JSON', () => {
  fc.assert(
    fc.property(rank, (one) => {
      expect(restoreRank(JSON.parse(JSON.stringify(saveRank(one))))).toEqual(one);
    }),
  );
});
