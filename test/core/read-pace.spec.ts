/** PACE-1, PACE-2: when the next batch over a backlog is planned. */
import { describe, expect, it } from 'vitest';
import { planFor, planLeadMs, readableFrom, readableNext } from '../../functions/core/read-pace.ts';

describe('what is left is readable', () => {
  it('from when the first shard is that was read short of its tip', () => {
    const results = [
      { stop: 'budget-spent', readableAt: 5_000 },
      { stop: 'deadline', readableAt: 4_000 },
      { stop: 'caught-up', readableAt: 1_000 },
      { stop: 'end-of-shard' },
    ] as const;
    expect(readableFrom(results)).toBe(4_000);
  });

  it('at once where a shard is that owes nothing', () => {
    expect(readableFrom([{ stop: 'budget-spent', readableAt: 5_000 }, { stop: 'deadline' }])).toBeUndefined();
  });

  it('also where a shard only waited, but not for one that others have read dry', () => {
    expect(readableFrom([{ stop: 'throttled', readableAt: 3_000 }])).toBe(3_000);
    expect(readableFrom([{ stop: 'throttled' }, { stop: 'budget-spent', readableAt: 5_000 }])).toBe(5_000);
    expect(readableFrom([{ stop: 'throttled' }])).toBeUndefined();
  });

  it('at no time that anybody knows where nothing is left', () => {
    expect(readableFrom([])).toBeUndefined();
    expect(readableFrom([{ stop: 'caught-up' }])).toBeUndefined();
  });
});

it('the first of the shards that are not readable now is waited for', () => {
  expect(readableNext([{ readableAt: 900 }, { readableAt: 3_000 }, { readableAt: 2_000 }, {}], 1_000)).toBe(2_000);
  expect(readableNext([{ readableAt: 900 }, {}], 1_000)).toBeUndefined();
});

it('a plan comes before the read that it is for', () => {
  expect(planFor(5_000)).toBe(5_000 - planLeadMs);
});
