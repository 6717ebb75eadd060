/** WATERMARK-1, WATERMARK-2, WATERMARK-3 over random reads of random shards. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advanceWatermark, watermarkOf } from '../../functions/core/watermark.ts';
import { checkpoint } from '../support/builders.ts';

const read = fc.record({
  shard: fc.nat(3),
  maxEventTime: fc.option(fc.integer({ min: -10_000, max: 10_000 })),
  events: fc.nat(2),
  tipTime: fc.option(fc.nat(10_000)),
  lastArrival: fc.option(fc.nat(10_000)),
  subscribedAt: fc.option(fc.nat(10_000)),
});

it('never goes back, is never ahead of what any shard proved, and leaves none out (WATERMARK-1, WATERMARK-2, WATERMARK-3)', () => {
  const rules = fc.record({ delayMs: fc.nat(500), idleTimeoutMs: fc.option(fc.nat(3_000), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(read, { maxLength: 40 }), rules, (reads, markRules) => {
      const shards = [0, 1, 2, 3].map((at) => ({ ...checkpoint(`shard-${at}`), idleSince: null as number | null }));
      const proved = shards.map(() => -Infinity);
      let watermark: number | null = null;
      for (const given of reads) {
        const each = { ...given, maxEventTime: given.events === 0 ? null : given.maxEventTime };
        const before = shards[each.shard]!;
        const next = { ...before, ...advanceWatermark(before, each, markRules) };
        shards[each.shard] = next;
        const witness = Math.max(each.maxEventTime ?? -Infinity, each.tipTime ?? -Infinity) - markRules.delayMs;
        proved[each.shard] = Math.max(proved[each.shard]!, witness);
        expect(next.watermark ?? -Infinity).toBeGreaterThanOrEqual(before.watermark ?? -Infinity);
        expect(next.watermark ?? -Infinity).toBeLessThanOrEqual(proved[each.shard]!);
        const now: number | null = watermarkOf(shards, watermark);
        expect(now ?? -Infinity).toBeGreaterThanOrEqual(watermark ?? -Infinity);
        for (const most of proved) expect(now ?? -Infinity).toBeLessThanOrEqual(most);
        watermark = now;
      }
    }),
  );
});

it('no shard is idle within its time after the last event that gave it a mark (WATERMARK-1)', () => {
  const idleTimeoutMs = 1_000;
  const steps = fc.array(
    fc.record({
      /** Since the last read. */
      afterMs: fc.nat(3_000),
      /** From when the tip is proven to the end of the read. */
      openMs: fc.nat(3_000),
      /** How many percent into that an event comes, if one does. */
      eventAt: fc.option(fc.nat(100), { freq: 2 }),
      isAtTip: fc.boolean(),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, (reads) => {
      let shard = { watermark: null as number | null, idleSince: null as number | null };
      let [now, lastEventAt] = [0, Number.NEGATIVE_INFINITY];
      for (const { afterMs, openMs, eventAt, isAtTip } of reads) {
        const openedAt = now + afterMs;
        now = openedAt + openMs;
        const lastArrival = eventAt === null ? null : openedAt + Math.floor((eventAt * openMs) / 100);
        // Events are older than their arrival by far: what raises a mark beyond them is the idle rule alone.
        const read = {
          maxEventTime: eventAt === null ? null : -10_000,
          tipTime: isAtTip ? openedAt : null,
          lastArrival,
          subscribedAt: openedAt,
        };
        lastEventAt = lastArrival ?? lastEventAt;
        const before = shard.watermark;
        shard = advanceWatermark(shard, read, { delayMs: 0, idleTimeoutMs });
        if (shard.watermark !== before && shard.watermark !== null && shard.watermark >= 0)
          expect(shard.watermark - lastEventAt).toBeGreaterThanOrEqual(idleTimeoutMs);
      }
    }),
  );
});
