/** N1, N2: edges by hand, one tick before, at and after the end. */
import { describe, expect, it } from 'vitest';
import { firstEndAfter, isClosed, windowEndOf, windowStartOf } from '../../functions/core/windows.ts';
import type { WindowSpec } from '../../functions/pipeline/pipeline.ts';

const tumbling = (sizeMs: number, offsetMs = 0) => ({ kind: 'tumbling', sizeMs, offsetMs }) as const;
const perBatch: WindowSpec = { kind: 'per-micro-batch' };

describe('a tumbling window (N1)', () => {
  //        -10        0         10        20
  //  [-20..-11][-10..-1][0....9][10...19][20…
  it.each([
    [-11, -20],
    [-10, -10],
    [-1, -10],
    [0, 0],
    [9, 0],
    [10, 10],
    [19, 10],
    [20, 20],
  ])('of 10 ms holds the event at %i from %i on', (time, start) => {
    expect(windowStartOf(tumbling(10), time, 99)).toBe(start);
  });

  it.each([
    [2, -7],
    [3, 3],
    [12, 3],
    [13, 13],
    [-8, -17],
    [-7, -7],
  ])('moved by 3 ms holds the event at %i from %i on', (time, start) => {
    expect(windowStartOf(tumbling(10, 3), time, 0)).toBe(start);
  });

  it('begins at midnight of an offset zone', () => {
    const day = tumbling(86_400_000, 5 * 3_600_000);
    expect(windowStartOf(day, Date.UTC(2026, 0, 2, 4, 59, 59, 999), 0)).toBe(Date.UTC(2026, 0, 1, 5));
    expect(windowStartOf(day, Date.UTC(2026, 0, 2, 5), 0)).toBe(Date.UTC(2026, 0, 2, 5));
  });

  it('is exact at both ends of time', () => {
    expect(windowStartOf(tumbling(3), 8_640_000_000_000_000 - 1, 0)).toBe(8_640_000_000_000_000 - 3);
    expect(windowStartOf(tumbling(7), -8_640_000_000_000_000, 0)).toBe(-8_640_000_000_000_005);
  });

  it('ends where the next begins', () => {
    expect(windowEndOf(tumbling(10, 3), 3)).toBe(13);
  });
});

describe('closing (N2)', () => {
  it.each([
    [9, false],
    [10, true],
    [11, true],
  ])('a watermark of %i closes the window [0, 10): %s', (watermark, closed) => {
    expect(isClosed(tumbling(10), 0, watermark)).toBe(closed);
  });

  it('needs a watermark', () => {
    expect(isClosed(tumbling(10), -1_000_000, null)).toBe(false);
  });

  it('closes the window of a micro-batch with its batch', () => {
    expect(isClosed(perBatch, 3, null)).toBe(true);
    expect(windowStartOf(perBatch, 12_345, 3)).toBe(3);
  });

  it.each([
    [9, 10],
    [10, 20],
    [11, 20],
    [-1, 0],
  ])('under a watermark of %i the next end to wait for is %i', (watermark, end) => {
    expect(firstEndAfter(tumbling(10), watermark)).toBe(end);
    expect(isClosed(tumbling(10), end - 10, watermark)).toBe(false);
    expect(isClosed(tumbling(10), end - 10, end)).toBe(true);
  });
});
