/** KIND-1 by hand: edges one tick before, at and after the end. */
import { describe, expect, it } from 'vitest';
import { tumblingKind } from '../../functions/windows/tumbling.ts';

const windowOf = (sizeMs: number, offsetMs: number, time: number) => {
  const windows = tumblingKind.assigner({ sizeMs, offsetMs })(time);
  expect(windows).toHaveLength(1);
  return windows[0]!;
};

describe('a tumbling window', () => {
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
    expect(windowOf(10, 0, time)).toEqual({ start, end: start + 10 });
  });

  it.each([
    [2, -7],
    [3, 3],
    [12, 3],
    [13, 13],
    [-8, -17],
    [-7, -7],
  ])('moved by 3 ms holds the event at %i from %i on', (time, start) => {
    expect(windowOf(10, 3, time)).toEqual({ start, end: start + 10 });
  });

  it('begins at midnight of an offset zone', () => {
    const startAt = (time: number) => windowOf(86_400_000, 5 * 3_600_000, time).start;
    expect(startAt(Date.UTC(2026, 0, 2, 4, 59, 59, 999))).toBe(Date.UTC(2026, 0, 1, 5));
    expect(startAt(Date.UTC(2026, 0, 2, 5))).toBe(Date.UTC(2026, 0, 2, 5));
  });

  it('is exact at both ends of time', () => {
    expect(windowOf(3, 0, 8_640_000_000_000_000 - 1).start).toBe(8_640_000_000_000_000 - 3);
    expect(windowOf(7, 0, -8_640_000_000_000_000).start).toBe(-8_640_000_000_000_005);
  });

  it.each([
    [9, 10],
    [10, 20],
    [11, 20],
    [-1, 0],
  ])('under a watermark of %i the next end to wait for is %i', (watermark, end) => {
    expect(tumblingKind.nextClose({ sizeMs: 10, offsetMs: 0 }, watermark)).toBe(end);
  });

  it('says of itself when it begins and ends, in UTC', () => {
    expect(tumblingKind.columns({ start: 0, end: 3_600_000 })).toEqual({
      windowStart: '1970-01-01T00:00:00.000Z',
      windowEnd: '1970-01-01T01:00:00.000Z',
    });
  });
});
