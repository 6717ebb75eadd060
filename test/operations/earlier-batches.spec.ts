/** EARLIER-1: which batches a pipeline leaves behind, on the tree that rewinds make of its batches. */
import { describe, expect, it } from 'vitest';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import { batchesLeft, committedBy, leftBehind } from '../../functions/operations/earlier-batches.ts';
import { headOf } from '../support/builders.ts';

const left = (last: number, after: number, goneBack: Readonly<Record<number, number>> = {}) =>
  batchesLeft(new Map(Object.entries(goneBack).map(([batch, before]) => [Number(batch), before])), { last, after });

describe('what is left behind', () => {
  it('are all behind the batch that is gone back to, and none where that is the last', () => {
    expect(left(12, 9)).toEqual([10, 11, 12]);
    expect(left(12, 12)).toEqual([]);
  });

  it('is not left a second time: what a rewind had left is behind no more', () => {
    expect(left(15, 5, { 13: 8 })).toEqual([6, 7, 8, 13, 14, 15]);
  });

  it('ends where the two ways meet, also back to a batch that was left before', () => {
    expect(left(15, 11, { 13: 8 })).toEqual([13, 14, 15]);
    expect(left(22, 15, { 13: 8, 20: 10 })).toEqual([9, 10, 20, 21, 22]);
  });

  it('is all there is, back to a savepoint of before any retained batch', () => {
    expect(left(3, 0)).toEqual([1, 2, 3]);
  });
});

type Kept = { readonly emitted: number; readonly committedAt: number; readonly outputs?: BatchProgress['outputs'] };

/** Batches from the oldest retained one on, in their order. */
function pipelineOf(
  oldest: number,
  kept: readonly (Kept | undefined)[],
  goneBack: Readonly<Record<number, number>> = {},
) {
  const last = oldest + kept.length - 1;
  const bodyOf = (batchId: number) => ({
    ...{ batchId, ref: batchId, previous: batchId === 0 ? null : { batchId: batchId - 1, ref: batchId - 1 } },
    ...(goneBack[batchId] === undefined ? {} : { origin: { after: goneBack[batchId] } }),
  });
  const of = {
    name: 'p',
    seals: { loadSealed: async (batchId: number) => bodyOf(batchId) },
    reports: {
      loadProgress: async (batchId: number) => {
        const report = kept[batchId - oldest];
        return report && { ...report, counters: { emitted: report.emitted } };
      },
    },
  };
  const head = headOf({ committed: { batchId: last, ref: last }, oldestRetainedBatch: oldest });
  return { of: of as never as Parameters<typeof committedBy>[0], head };
}

describe('by their reports', () => {
  it('rows are counted by output, and batches that have none any more are told', async () => {
    const counts = { filtered: 0, refused: 0 };
    const outputs = { main: { emitted: 2, ...counts }, audit: { emitted: 9, ...counts } };
    const { of, head } = pipelineOf(7, [
      { emitted: 100, committedAt: 7 },
      { emitted: 5, committedAt: 8 },
      undefined,
      { emitted: 2, committedAt: 10, outputs },
    ]);
    expect(await leftBehind(of, head, 5)).toEqual({
      batches: [[6, 10]],
      rows: { main: 107, audit: 9 },
      withoutReport: 2,
    });
    expect(await leftBehind(of, head, 7)).toEqual({
      batches: [[8, 10]],
      rows: { main: 7, audit: 9 },
      withoutReport: 1,
    });
  });

  it('runs of batches are told apart', async () => {
    const kept = Array.from({ length: 10 }, (_, at) => ({ emitted: 1, committedAt: at }));
    const { of, head } = pipelineOf(0, kept, { 8: 4 });
    expect(await leftBehind(of, head, 2)).toEqual({
      batches: [
        [3, 4],
        [8, 9],
      ],
      rows: { main: 4 },
      withoutReport: 0,
    });
  });

  it('a time names the last batch that was committed by then', async () => {
    const { of, head } = pipelineOf(
      3,
      [30, 40, 50].map((committedAt) => ({ emitted: 0, committedAt })),
    );
    expect((await committedBy(of, head, 49)).batchId).toBe(4);
    expect((await committedBy(of, head, 50)).batchId).toBe(5);
    await expect(committedBy(of, head, 29)).rejects.toThrow(
      'no batch of p that is retained was committed by 1970-01-01T00:00:00.029Z: the oldest one is batch 3, committed 1970-01-01T00:00:00.030Z',
    );
  });

  it('of a batch without a report no time is known', async () => {
    const { of, head } = pipelineOf(3, [{ emitted: 0, committedAt: 30 }, undefined, { emitted: 0, committedAt: 50 }]);
    expect((await committedBy(of, head, 60)).batchId).toBe(5);
    await expect(committedBy(of, head, 45)).rejects.toThrow('when batch 4 of p was committed is not known any more');
  });
});
