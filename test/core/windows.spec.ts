/** WINDOW-2 by hand: late from the batch after the one that it closes in. */
import { describe, expect, it } from 'vitest';
import { isClosing, isLate } from '../../functions/core/windows.ts';
import { perMicroBatchKind } from '../../functions/windows/per-micro-batch.ts';
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

it.each([null, 0, 1_000_000])(
  'the window of a micro-batch closes with its batch and is never late (%s)',
  (watermark) => {
    const [window] = perMicroBatchKind.assigner()(12_345, 3);
    expect(window).toEqual({ start: 3, end: 4 });
    expect(isClosing(perBatch, window!, watermark)).toBe(true);
    expect(isLate(perBatch, window!, watermark)).toBe(false);
  },
);
