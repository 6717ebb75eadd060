/** WINDOW-2 by hand: late from the batch after the one that it closes in. */
import { describe, expect, it } from 'vitest';
import { isClosing, isLate, isOver, overBy } from '../../functions/core/windows.ts';
import { perMicroBatchKind } from '../../functions/windows/per-micro-batch.ts';
import { slidingKind } from '../../functions/windows/sliding.ts';
import { tumblingKind } from '../../functions/windows/tumbling.ts';

const tumbling = { kind: tumblingKind, options: { sizeMs: 10, offsetMs: 0 } };
const perBatch = { kind: perMicroBatchKind, options: {} };
const first = { start: 0, end: 10 };

describe('a window of event time (WINDOW-2)', () => {
  it.each([
    [9, false],
    [10, true],
    [11, true],
  ])(
    '[0, 10) closes with a batch that ends with a watermark of %i, and is late in one that begins with it: %s',
    (watermark, reached) => {
      expect(isClosing(tumbling, first, watermark)).toBe(reached);
      expect(isLate(tumbling, first, watermark)).toBe(reached);
    },
  );

  it('needs a watermark for both', () => {
    expect(isClosing(tumbling, { start: -1_000_010, end: -1_000_000 }, null)).toBe(false);
    expect(isLate(tumbling, { start: -1_000_010, end: -1_000_000 }, null)).toBe(false);
  });
});

it('what was over under a shorter lateness stays so under a longer one, panes as well (WINDOW-4)', () => {
  const longer = { ...tumbling, latenessMs: 100, overUpTo: 20 };
  const of = (start: number) => ({ start, end: start + 10 });
  expect([0, 10, 20].map((start) => isLate(longer, of(start), 50))).toEqual([true, true, false]);
  expect([0, 10, 20].map((start) => isOver(longer, of(start), 50))).toEqual([true, true, false]);
  expect([isLate(longer, of(20), 129), isLate(longer, of(20), 130)]).toEqual([false, true]);
  expect([50, 119, 121, 200].map((watermark) => overBy(longer, watermark))).toEqual([20, 20, 21, 100]);
  const panes = { kind: slidingKind, options: { sizeMs: 20, everyMs: 10, offsetMs: 0 }, latenessMs: 100, overUpTo: 20 };
  expect([-10, 0, 10].map((start) => isLate(panes, of(start), 50))).toEqual([true, true, false]);
});

it.each([null, 0, 1_000_000])(
  'the window of a micro-batch closes with its batch and is never late (%s)',
  (watermark) => {
    const [window] = perMicroBatchKind.assigner()(12_345, 3);
    expect(window).toEqual({ start: 3, end: 4 });
    expect(isClosing(perBatch, window!, watermark)).toBe(true);
    expect(isLate(perBatch, window!, watermark)).toBe(false);
  },
);
