/** POSITION-1 for all positions and numbers. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isAfter, lastReadOf, overEmptyStretch, type Position } from '../../functions/core/position.ts';

const digits = fc.bigInt({ min: 0n, max: 10n ** 56n });
const near = fc
  .tuple(digits, fc.bigInt({ min: -2n, max: 2n }))
  .map(([base, step]) => [base, base + step < 0n ? 0n : base + step] as const);

it('compares sequence numbers as whole numbers of any length', () => {
  fc.assert(
    fc.property(fc.oneof(fc.tuple(digits, digits), near), fc.nat(3), ([one, other], zeros) => {
      expect(isAfter(String(one), `${'0'.repeat(zeros)}${other}`)).toBe(one > other);
    }),
    { numRuns: 2_000 },
  );
});

const after = fc.option(digits.map(String), { nil: undefined });
const position: fc.Arbitrary<Position> = fc.oneof(
  after.map((number) => ({ kind: 'trim-horizon', ...(number === undefined ? {} : { after: number }) }) as const),
  fc
    .tuple(fc.nat(10_000), after)
    .map(
      ([timestamp, number]) =>
        ({ kind: 'at-timestamp', timestamp, ...(number === undefined ? {} : { after: number }) }) as const,
    ),
  digits.map((number) => ({ kind: 'after-sequence-number', sequenceNumber: String(number) }) as const),
  fc
    .tuple(digits, fc.nat(9))
    .map(
      ([number, sub]) =>
        ({ kind: 'after-sequence-number', sequenceNumber: String(number), subSequenceNumber: sub }) as const,
    ),
);

it('forgets nothing that was read and never moves back, tip after tip (POSITION-1)', () => {
  fc.assert(
    fc.property(
      position,
      fc.array(fc.nat(20_000), { maxLength: 5 }),
      fc.nat(500),
      fc.option(fc.nat(20_000)),
      (start, tips, marginMs, lastArrival) => {
        let at = start;
        for (const tip of tips) {
          const stretch = { through: tip, lastArrival, marginMs };
          const next = overEmptyStretch(at, stretch);
          expect(lastReadOf(next)).toBe(lastReadOf(at));
          if (at.kind === 'at-timestamp' && next.kind === 'at-timestamp')
            expect(next.timestamp).toBeGreaterThanOrEqual(at.timestamp);
          if (at.kind === 'at-timestamp') expect(next.kind).toBe(at.kind);
          expect(overEmptyStretch(next, stretch)).toEqual(next);
          at = next;
        }
      },
    ),
  );
});
