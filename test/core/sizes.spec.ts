/** How large what a batch has stored is, as its report says it. */
import { expect, it } from 'vitest';
import type { GroupAnswer } from '../../functions/core/group-answer.ts';
import { limits } from '../../functions/core/limits-near.ts';
import { decideRound } from '../../functions/core/reduce-rounds.ts';
import { addSize, type GroupSize, sizeOfState, sizesOf } from '../../functions/core/sizes.ts';
import type { Manifest } from '../../functions/core/state/manifest.ts';
import { batchBody, checkpoint, timing } from '../support/builders.ts';

const size = (entries: number, given: Partial<GroupSize> = {}): GroupSize => {
  return { entries, bytes: 0, segments: 0, runs: 0, inlineChars: 0, manifestChars: 0, steps: 0, ...given };
};

it('of a state is what its manifest names, and the steps of its outbox', () => {
  const segment = { name: 'a', chunks: 1, digest: 'd', index: 5, slices: [0, 0] as const };
  const manifest: Manifest = {
    runs: [
      { level: 1, segments: [{ ...segment, bytes: 100, entries: 10 } as never] },
      { level: 0, segments: [{ ...segment, bytes: 20, entries: 3 } as never] },
    ],
    inline: { pages: [[0, 2, 'abcd']] },
  };
  const steps = [{ from: 0, records: {}, refused: 0 }];
  expect(sizeOfState({ manifest, steps })).toEqual({
    ...{ entries: 15, bytes: 120, segments: 2, runs: 2, inlineChars: 4 },
    ...{ manifestChars: JSON.stringify(manifest).length, steps: 1 },
  });
});

it('of several is their sum, and of each figure the largest, in whichever order (SIZE-2)', () => {
  const all = [size(5, { bytes: 1 }), size(2, { bytes: 9 }), size(3, { steps: 4 })];
  const right = { groups: 3, total: size(10, { bytes: 10, steps: 4 }), most: size(5, { bytes: 9, steps: 4 }) };
  expect(all.reduce(addSize, undefined)).toEqual(right);
  expect(all.toReversed().reduce(addSize, undefined)).toEqual(right);
});

it('counts the state of a key group in the round that it is done in, and not before (SIZE-2)', () => {
  const facts = { timing, turn: 1, now: 10_000, startedAt: 0, gatheringGroup: 40 };
  const answer = (keyGroup: number, done: boolean): GroupAnswer => {
    return { keyGroup, emitted: 0, done, progressed: true, size: size(keyGroup + 1) };
  };
  const first = decideRound([answer(0, true), answer(1, false)], { emitted: 0, stuckSince: 0 }, facts);
  if (first.kind !== 'again') throw new Error(first.kind);
  expect(first.reduced.states).toEqual({ groups: 1, total: size(1), most: size(1) });
  const second = decideRound([answer(1, true)], first.reduced, facts);
  expect(second).toMatchObject({ kind: 'all-done', states: { groups: 2, total: size(3), most: size(2) } });
});

it('of memory has the reducer that came nearest to its end, in whichever round, done or not', () => {
  const facts = { timing, turn: 1, now: 10_000, startedAt: 0, gatheringGroup: 40 };
  const answer = (keyGroup: number, done: boolean, peakBytes: number, limitBytes = 100): GroupAnswer => {
    return { keyGroup, emitted: 0, done, progressed: true, memory: { peakBytes, limitBytes } };
  };
  const first = decideRound([answer(0, true, 40), answer(1, false, 90)], { emitted: 0, stuckSince: 0 }, facts);
  if (first.kind !== 'again') throw new Error(first.kind);
  expect(first.reduced.memory).toEqual({ peakBytes: 90, limitBytes: 100 });
  // More of it, and less than that one's share.
  const second = decideRound([answer(1, true, 150, 200)], first.reduced, facts);
  expect(second).toMatchObject({ kind: 'all-done', memory: { peakBytes: 90, limitBytes: 100 } });
  expect(sizesOf(batchBody(), undefined, { peakBytes: 90, limitBytes: 100 }).reducerMemory!.peakBytes).toBe(90);
  expect(sizesOf(batchBody(), undefined)).not.toHaveProperty('reducerMemory');
});

it('of blocks is what they have for all key groups, and for the one with the most; the body counts without its shards', () => {
  const group = (keyGroup: number, bytes: number) => ({ keyGroup, v: 1, chunks: 1, digest: 'd', bytes });
  const blocks = [
    { task: 0, nonce: 'n', groups: [group(0, 100), group(1, 30)] },
    { task: 1, nonce: 'n', groups: [group(1, 80)] },
  ];
  const sizes = sizesOf(batchBody({ blocks }), undefined);
  expect(sizes.blocks).toEqual({ blocks: 2, bytes: 210, mostOfGroup: 110 });
  expect(sizesOf(batchBody({ blocks, shards: [checkpoint('a'), checkpoint('b')] }), undefined)).toEqual(sizes);
});

it('of forty key groups takes little of what the state machine passes on, however large they are', () => {
  const huge = size(1e12, { bytes: 1e14, segments: 1e6, runs: 1e6, inlineChars: 1e6, manifestChars: 1e9, steps: 1e9 });
  const all = { ...Array.from({ length: 40 }, () => huge).reduce(addSize, undefined)! };
  expect(JSON.stringify(Array.from({ length: 40 }, () => ({ size: huge }))).length).toBeLessThan(limits.payload / 30);
  expect(JSON.stringify(all).length).toBeLessThan(500);
});
