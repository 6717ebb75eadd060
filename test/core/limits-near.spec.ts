/** What a report warns of before a limit is reached (NEAR-1). */
import { describe, expect, it } from 'vitest';
import { limits, limitsNear, nearShare } from '../../functions/core/limits-near.ts';
import type { BatchSizes } from '../../functions/pipeline/reporter.ts';

const figures = { entries: 0, bytes: 0, segments: 0, runs: 0, inlineChars: 0, manifestChars: 0, steps: 0 };
const nothing: BatchSizes = { blocks: { blocks: 0, bytes: 0, mostOfGroup: 0 }, bodyChars: 0 };
const facts = { parallelism: 4, payloadChars: 0 };
const most = (given: Partial<typeof figures>): BatchSizes => {
  const all = { ...figures, ...given };
  // All key groups together have more: that is not what the limit is of.
  return { ...nothing, states: { groups: 9, total: { ...figures, entries: 9e9, segments: 9e9 }, most: all } };
};

/** With just so much of it. */
const sized: Readonly<Record<keyof typeof limits, (size: number) => Parameters<typeof limitsNear>>> = {
  'state-entries': (entries) => [most({ entries }), facts],
  'state-segments': (segments) => [most({ segments }), facts],
  'partial-aggregates': (mostOfGroup) => [
    { ...nothing, blocks: { ...nothing.blocks, bytes: 9e9, mostOfGroup } },
    facts,
  ],
  payload: (payloadChars) => [nothing, { ...facts, payloadChars }],
};

describe.each(Object.entries(sized))('of %s', (limit, given) => {
  const whole = limits[limit as keyof typeof limits];

  it('it warns from 70 % on, once, with the size and the limit', () => {
    const near = Math.ceil(whole * nearShare);
    expect(limitsNear(...given(near - 1))).toEqual([]);
    expect(limitsNear(...given(near))).toEqual([{ limit, size: near, most: whole, message: expect.any(String) }]);
  });

  it('it says how much there is, how much there can be, and what to do', () => {
    const [warning] = limitsNear(...given(whole));
    expect(warning!.message).toMatch(`${whole.toLocaleString('en')} `);
    expect(warning!.message).toMatch(/at most: .*(key groups|outputs)/);
  });
});

it('nobody is told to have more key groups than there can be', () => {
  const messageAt = (parallelism: number) =>
    limitsNear(most({ segments: 5_000 }), { ...facts, parallelism })[0]!.message;
  expect(messageAt(399)).toContain('more key groups (`parallelism` is 399 of 400)');
  expect(messageAt(400)).toContain('split the pipeline by key (`parallelism` is 400 already, the most there is)');
});

it('of a reducer it warns from 70 % of its own function on, with what that has', () => {
  const at = (peakBytes: number) =>
    limitsNear({ ...nothing, reducerMemory: { peakBytes, limitBytes: 1_000_000 } }, facts);
  expect(at(699_999)).toEqual([]);
  expect(at(700_000)).toEqual([
    {
      ...{ limit: 'reducer-memory', size: 700_000, most: 1_000_000 },
      message:
        'A reducer has taken 700,000 bytes of memory, of 1,000,000 at most: more `memorySize`, or more key groups (`parallelism` is 4 of 400)',
    },
  ]);
});

it('of several limits each has a warning', () => {
  const sizes = {
    ...most({ entries: 1e6, segments: 5_000 }),
    ...{ blocks: { blocks: 1, bytes: 1e8, mostOfGroup: 1e8 }, reducerMemory: { peakBytes: 9, limitBytes: 10 } },
  };
  const told = limitsNear(sizes, { ...facts, payloadChars: 262_144 }).map(({ limit }) => limit);
  expect(told).toEqual([...Object.keys(limits), 'reducer-memory']);
});
