/** W1, W2, W3 over random reads of random shards. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advanceMark, watermarkOf } from '../../functions/core/watermark.ts';
import { checkpoint } from '../support/builders.ts';

const read = fc.record({
  shard: fc.nat(3),
  maxEventTime: fc.option(fc.integer({ min: -10_000, max: 10_000 })),
  events: fc.nat(2),
  tipTime: fc.option(fc.nat(10_000)),
});

it('never goes back, is never ahead of what any shard proved, and leaves none out (W1, W2, W3)', () => {
  const rules = fc.record({ delayMs: fc.nat(500), idleTimeoutMs: fc.option(fc.nat(3_000), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(read, { maxLength: 40 }), rules, (reads, markRules) => {
      const shards = [0, 1, 2, 3].map((at) => checkpoint(`shard-${at}`));
      const proved = shards.map(() => -Infinity);
      let watermark: number | null = null;
      for (const given of reads) {
        const each = { ...given, maxEventTime: given.events === 0 ? null : given.maxEventTime };
        const before = shards[each.shard]!;
        const next = { ...before, ...advanceMark(before, each, markRules) };
        shards[each.shard] = next;
        const witness = Math.max(each.maxEventTime ?? -Infinity, each.tipTime ?? -Infinity) - markRules.delayMs;
        proved[each.shard] = Math.max(proved[each.shard]!, witness);
        expect(next.mark ?? -Infinity).toBeGreaterThanOrEqual(before.mark ?? -Infinity);
        expect(next.mark ?? -Infinity).toBeLessThanOrEqual(proved[each.shard]!);
        const now: number | null = watermarkOf(shards, watermark);
        expect(now ?? -Infinity).toBeGreaterThanOrEqual(watermark ?? -Infinity);
        for (const most of proved) expect(now ?? -Infinity).toBeLessThanOrEqual(most);
        watermark = now;
      }
    }),
  );
});
