/** GROUP-1, GROUP-2: which key groups a batch reduces, and which state it goes on with. */
import { describe, expect, it } from 'vitest';
import { hasOpenWindows, isReduced, reducedGroups, statesAfter } from '../../functions/core/group-states.ts';
import type { GroupStates } from '../../functions/core/model.ts';
import { windowed } from '../support/pipelines.ts';

const { window } = windowed().aggregation;
const blockOf = (...groups: readonly (readonly [number, ...number[]])[]) => ({
  groups: groups.map(([keyGroup, ...ends]) => ({ keyGroup, v: 1, chunks: 1, digest: 'd', bytes: 0, ends })),
});
const batch = (batchId: number, watermarkOut: number | null) => ({
  batchId,
  ref: 100 + batchId,
  parallelism: 3,
  fingerprint: 'of then',
  watermarkOut,
});
const first: GroupStates = statesAfter(
  undefined,
  batch(0, 5),
  [blockOf([0, 10, 20]), blockOf([0, 30], [2, 10])],
  window,
);

describe('a key group', () => {
  it('has no state before a block has something for it', () => {
    expect(first[1]).toBeNull();
    expect(reducedGroups({ ...batch(0, 5), states: first })).toEqual([0, 2]);
  });

  it('has the ends of all its blocks', () => {
    expect(first[0]).toEqual({ batchId: 0, ref: 100, ends: [10, 20, 30] });
  });

  it('keeps its state, by its name, in a batch in which nothing is to be done', () => {
    const second = statesAfter({ states: first, fingerprint: 'of then' }, batch(1, 9), [blockOf([2, 20])], window);
    expect(second[0]).toEqual({ batchId: 0, ref: 100, ends: [10, 20, 30] });
    expect(second[2]).toEqual({ batchId: 1, ref: 101, ends: [10, 20], before: { batchId: 0, ref: 100 } });
    expect(reducedGroups({ ...batch(1, 9), states: second })).toEqual([2]);
  });

  it('is reduced when the watermark reaches its first end, with a block or without', () => {
    const second = statesAfter({ states: first, fingerprint: 'of then' }, batch(1, 10), [], window);
    expect(second).toEqual([
      { batchId: 1, ref: 101, ends: [20, 30], before: { batchId: 0, ref: 100 } },
      null,
      { batchId: 1, ref: 101, ends: [], before: { batchId: 0, ref: 100 } },
    ]);
    expect(hasOpenWindows({ states: [second[2]!] })).toBe(false);
    expect(hasOpenWindows({ states: second })).toBe(true);
  });

  it('says nothing of the state before the one it keeps', () => {
    const second = statesAfter({ states: first, fingerprint: 'of then' }, batch(1, 10), [], window);
    expect(statesAfter({ states: second, fingerprint: 'of then' }, batch(2, 11), [], window)[0]).toEqual({
      batchId: 1,
      ref: 101,
      ends: [20, 30],
    });
  });

  it('waits for no watermark as long as nothing is known', () => {
    const open = statesAfter(undefined, batch(0, null), [blockOf([0, 10])], window);
    expect(open[0]).toEqual({ batchId: 0, ref: 100, ends: [10] });
    expect(hasOpenWindows({ states: open })).toBe(true);
  });
});

it('a state of another try of a batch is not the one that is put', () => {
  expect(isReduced({ batchId: 0, ref: 99, states: first }, 0)).toBe(false);
  expect(isReduced({ batchId: 0, ref: 100, states: first }, 0)).toBe(true);
  expect(isReduced({ batchId: 0, ref: 100, states: first }, 7)).toBe(false);
});

it('a pipeline without aggregation has states for what is sent after the seal alone: of a group that has nothing the last one stays named', () => {
  const before = statesAfter(undefined, batch(0, 5), [blockOf([1]), blockOf([1])], undefined);
  expect(before).toEqual([null, { batchId: 0, ref: 100, ends: [] }, null]);
  const after = statesAfter({ states: before, fingerprint: 'of then' }, batch(1, 9), [blockOf([2])], undefined);
  expect(after).toEqual([null, { batchId: 0, ref: 100, ends: [] }, { batchId: 1, ref: 101, ends: [] }]);
  expect(reducedGroups({ ...batch(1, 9), states: after })).toEqual([2]);
  const replaced = statesAfter({ states: after, fingerprint: 'of then' }, batch(2, 9), [blockOf([1])], undefined);
  expect(replaced[1]).toEqual({ batchId: 2, ref: 102, ends: [], before: { batchId: 0, ref: 100 } });
});

it('a pipeline that sends while it reads has none', () => {
  const states = statesAfter(undefined, batch(0, 5), [blockOf()], undefined);
  expect(states).toEqual([]);
  expect(hasOpenWindows({ states })).toBe(false);
  expect(hasOpenWindows(undefined)).toBe(false);
});
