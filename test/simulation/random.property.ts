import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

const seeds = fc.nat(0xffff_ffff);
const draws = (random: Random, count = 20) => Array.from({ length: count }, () => random.next());

describe('chance from a seed', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(seeds, seeds, (one, other) => {
        expect(draws(new Random(one))).toEqual(draws(new Random(one)));
        if (one !== other) expect(draws(new Random(one))).not.toEqual(draws(new Random(other)));
      }),
    );
  });

  it('has streams that do not disturb each other', () => {
    fc.assert(
      fc.property(seeds, fc.nat(50), (seed, used) => {
        const random = new Random(seed);
        draws(random.fork('one'), used);
        draws(random, used);
        expect(draws(random.fork('two'))).toEqual(draws(new Random(seed).fork('two')));
        expect(draws(random.fork('one'))).not.toEqual(draws(random.fork('two')));
      }),
    );
  });

  it('stays within bounds and reaches both of them', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -5, max: 5 }), fc.nat(3), (seed, least, width) => {
        const random = new Random(seed);
        const values = Array.from({ length: 200 }, () => random.int(least, least + width));
        expect(Math.min(...values)).toBe(least);
        expect(Math.max(...values)).toBe(least + width);
        expect(values.every(Number.isInteger)).toBe(true);
      }),
    );
  });

  it('spreads spans over orders of magnitude', () => {
    const random = new Random(7);
    const spans = Array.from({ length: 3_000 }, () => random.span(1, 1_000));
    for (const [from, to] of [
      [1, 10],
      [10, 100],
      [100, 1_000],
    ] as const) {
      const share = spans.filter((span) => span >= from && span < to).length / spans.length;
      expect(share).toBeGreaterThan(0.28);
      expect(share).toBeLessThan(0.4);
    }
  });

  it('draws by weight, and nothing that has none', () => {
    const random = new Random(3);
    const drawn = Array.from({ length: 1_000 }, () =>
      random.weighted([
        [3, 'often'],
        [1, 'seldom'],
        [0, 'never'],
      ]),
    );
    expect(drawn.filter((value) => value === 'never')).toEqual([]);
    expect(drawn.filter((value) => value === 'often').length).toBeGreaterThan(650);
    expect(drawn.filter((value) => value === 'seldom').length).toBeGreaterThan(180);
  });

  it('gives UUIDs that are all chance', () => {
    const random = new Random(1);
    const ids = Array.from({ length: 100 }, () => random.uuid());
    expect(ids.every((id) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id))).toBe(true);
    expect(new Set(ids.map((id) => id.slice(0, 2))).size).toBeGreaterThan(50);
  });
});
