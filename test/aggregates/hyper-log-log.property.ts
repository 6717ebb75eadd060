/** SKETCH-1 and SKETCH-2: one sketch of any order and any parts, and errors as large as they are said to be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HyperLogLog, type SavedSketch } from '../../functions/aggregates/hyper-log-log.ts';

function sketchOf(texts: Iterable<string>, precision = 12): HyperLogLog {
  const sketch = new HyperLogLog(precision);
  for (const text of texts) sketch.add(text);
  return sketch;
}
const saved = (sketch: HyperLogLog): SavedSketch => JSON.parse(JSON.stringify(sketch.save()));
const texts = (from: number, upTo: number) => Array.from({ length: upTo - from }, (_, at) => `text ${from + at}`);

it('is the same of parts, in any order, with any texts twice (SKETCH-1)', () => {
  // Up to twice as many as are held as a list.
  const range = fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 300 }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 5 }), (ranges) => {
      const parts = ranges.map((ends) => texts(Math.min(...ends), Math.max(...ends)));
      const whole = saved(sketchOf(parts.flat(), 10));
      for (const order of [parts, parts.toReversed()]) {
        const merged = new HyperLogLog(10);
        for (const part of order) merged.merge(saved(sketchOf(part, 10)));
        expect(saved(merged)).toEqual(whole);
      }
    }),
    { numRuns: 300 },
  );
});

it('goes on from what was saved as if nothing had been', () => {
  for (const size of [0, 10, 500, 5_000]) {
    const restored = new HyperLogLog(12);
    restored.merge(saved(sketchOf(texts(0, size))));
    for (const text of texts(size, size + 100)) restored.add(text);
    expect(saved(restored)).toEqual(saved(sketchOf(texts(0, size + 100))));
    expect(restored.estimate()).toBe(sketchOf(texts(0, size + 100)).estimate());
  }
});

it('counts leading zeros through both halves of a hash', () => {
  // What is left of their first half is zero; found by trying.
  expect(saved(sketchOf(['text 2216479', 'text 3939556']))).toEqual([506 * 64 + 21, 3_600 * 64 + 22]);
});

it('takes no more room than its registers', () => {
  const few = saved(sketchOf(texts(0, 100)));
  expect(Array.isArray(few)).toBe(true);
  expect(JSON.stringify(few).length).toBeLessThan(800);
  expect(saved(sketchOf(texts(0, 100_000)))).toHaveLength(4_096);
});

describe('the error (SKETCH-2)', () => {
  it.each([
    [10, 0],
    [10, 1],
    [10, 100],
    [10, 2_000],
    [10, 20_000],
    [12, 1_000],
    [12, 3_000],
    [12, 10_000],
    [12, 30_000],
    [14, 20_000],
    [16, 50_000],
  ])('is that of a sketch with precision %i, of %i texts', (precision, size) => {
    const error = 1.04 / Math.sqrt(2 ** precision);
    const tries = 40;
    const errors = Array.from({ length: tries }, (_, at) => {
      const told = sketchOf(texts(at * size, (at + 1) * size), precision).estimate();
      return size === 0 ? told : told / size - 1;
    });
    const bias = errors.reduce((sum, each) => sum + each, 0) / tries;
    const deviation = Math.sqrt(errors.reduce((sum, each) => sum + each ** 2, 0) / tries);
    // Of forty tries: the mean within four of its own deviations, the deviation within a third.
    expect(Math.abs(bias)).toBeLessThan((4 * error) / Math.sqrt(tries));
    expect(deviation).toBeLessThan(1.34 * error);
  });
});
