import { describe, expect, it } from 'vitest';
import { batchesAtOnce, isPurgeDue, isWidePurge } from '../../functions/core/purge-pace.ts';

const head = (purgedBelow: number, oldestRetainedBatch: number) => ({ purgedBelow, oldestRetainedBatch });

describe('A purge', () => {
  it.each([
    [2, 1],
    [9, 1],
    [10, 2],
    [40, 8],
    [100, 8],
    [10_000, 8],
  ])('of a pipeline that retains %i batches waits for %i', (retained, batches) => {
    expect(batchesAtOnce(retained)).toBe(batches);
    expect(isPurgeDue(head(20, 20 + batches), retained)).toBe(true);
    expect(isPurgeDue(head(20, 20 + batches - 1), retained)).toBe(false);
  });

  it('is never due where nothing lies below the oldest retained batch', () => {
    expect(isPurgeDue(head(20, 20), 2)).toBe(false);
  });

  it('is a wide one for each sixteenth batch, however many it is of', () => {
    for (const atOnce of [1, 3, 8, 40]) {
      let wide = 0;
      for (let from = 0; from < 4_800; from += atOnce) if (isWidePurge(head(from, from + atOnce))) wide += 1;
      expect(wide).toBe(Math.ceil(4_800 / Math.max(16, atOnce)));
    }
  });
});
