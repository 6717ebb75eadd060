/** The check that merges get further, on manifests by hand: what it lets pass, and what it reports. */
import { expect, it } from 'vitest';
import { defaultStateLimits, type Manifest, type Run, type SegmentRef } from '../../functions/core/state/manifest.ts';
import { MergeCheck } from './checks/merge-check.ts';

const limits = { ...defaultStateLimits, fanIn: 2, mostYounger: 3, turns: 2 };
const run = (name: string, entries: number, level = 0): Run => ({
  level,
  segments: [{ name, entries } as unknown as SegmentRef],
});
const begun = (from: number): Run => ({ ...run('a', 9), rest: { from: [from, ''], runs: [run('b', 1)] } });

const reported = (...manifests: readonly (readonly Run[])[]): readonly string[] => {
  const told: string[] = [];
  const check = new MergeCheck((_, detail) => told.push(detail), limits);
  for (const [batch, runs] of manifests.entries()) check.reduced(0, batch, { runs } as Manifest);
  return told;
};
const times = (count: number, runs: readonly Run[]) => Array.from({ length: count }, () => runs);

it('passes what is not due, for however long', () => {
  expect(reported(...times(9, [run('a', 9), run('b', 1)]))).toEqual([]);
});

it('passes what waits for its turn, and reports what waits for longer', () => {
  const due = [run('a', 9), run('b', 1), run('c', 1)];
  expect(reported(...times(3, due))).toEqual([]);
  expect(reported(...times(4, due))).toEqual([
    'key group 0: a merge is due for 3 batches up to 3, and gets no further',
  ]);
  // What each batch adds brings no merge further.
  expect(reported(due, [...due, run('d', 1)], [...due, run('d', 1), run('e', 1)], due)).toHaveLength(0);
  expect(reported(due, due, due, [...due, run('d', 1)])).toHaveLength(1);
});

it('sees runs of two sizes apart, and more in the younger ones than they may have', () => {
  expect(reported(...times(9, [run('a', 9), run('b', 1), run('c', 1, 1)]))).toEqual([]);
  expect(reported(...times(4, [run('a', 1), run('b', 4)]))).toHaveLength(1);
});

it('passes a merge that goes on, and reports one that stands', () => {
  expect(reported([begun(1)], [begun(2)], [begun(3)], [begun(4)], [begun(5)])).toEqual([]);
  expect(reported(...times(4, [begun(1)]))).toHaveLength(1);
});
