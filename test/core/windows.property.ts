/** N1, N2 for every size, offset and time. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstEndAfter, isClosed, windowEndOf, windowStartOf } from '../../functions/core/windows.ts';

const time = fc.integer({ min: -8_600_000_000_000_000, max: 8_600_000_000_000_000 });
const window = fc
  .integer({ min: 1, max: 40 * 86_400_000 })
  .chain((sizeMs) =>
    fc.record({ kind: fc.constant('tumbling' as const), sizeMs: fc.constant(sizeMs), offsetMs: fc.nat(sizeMs - 1) }),
  );

it('holds every event in exactly one window, aligned to its offset (N1)', () => {
  fc.assert(
    fc.property(window, time, (tumbling, at) => {
      const start = windowStartOf(tumbling, at, 0);
      expect(start).toBeLessThanOrEqual(at);
      expect(windowEndOf(tumbling, start)).toBeGreaterThan(at);
      expect((BigInt(start) - BigInt(tumbling.offsetMs)) % BigInt(tumbling.sizeMs)).toBe(0n);
    }),
    { numRuns: 5_000 },
  );
});

it('is closed from its end on and open before (N2)', () => {
  fc.assert(
    fc.property(window, time, time, (tumbling, at, watermark) => {
      const start = windowStartOf(tumbling, at, 0);
      expect(isClosed(tumbling, start, watermark)).toBe(start + tumbling.sizeMs <= watermark);
      expect(firstEndAfter(tumbling, watermark) > watermark).toBe(true);
      expect(firstEndAfter(tumbling, watermark) - tumbling.sizeMs <= watermark).toBe(true);
    }),
  );
});
