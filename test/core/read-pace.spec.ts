/** PACE-1, PACE-2: when the next batch over a backlog is planned. */
import { describe, expect, it } from 'vitest';
import { planFor, planLeadMs, readableFrom, readableNext } from '../../functions/core/read-pace.ts';
import { checkpoint, ended } from '../support/builders.ts';

describe('what is left is readable', () => {
  it('from when the first shard is that was read short of its tip', () => {
    const results = [
      { outcome: { kind: 'budget-spent' }, readableAt: 5_000 },
      { outcome: { kind: 'deadline' }, readableAt: 4_000 },
      { outcome: { kind: 'caught-up' }, readableAt: 1_000 },
      { outcome: { kind: 'end-of-shard' } },
    ] as const;
    expect(readableFrom(results)).toBe(4_000);
  });

  it('at once where a shard is that owes nothing', () => {
    expect(
      readableFrom([{ outcome: { kind: 'budget-spent' }, readableAt: 5_000 }, { outcome: { kind: 'deadline' } }]),
    ).toBeUndefined();
  });

  it('also where a shard only waited, but not for one that others have read dry', () => {
    expect(readableFrom([{ outcome: { kind: 'throttled' }, readableAt: 3_000 }])).toBe(3_000);
    expect(
      readableFrom([{ outcome: { kind: 'throttled' } }, { outcome: { kind: 'budget-spent' }, readableAt: 5_000 }]),
    ).toBe(5_000);
    expect(readableFrom([{ outcome: { kind: 'throttled' } }])).toBeUndefined();
  });

  it('at no time that anybody knows where nothing is left', () => {
    expect(readableFrom([])).toBeUndefined();
    expect(readableFrom([{ outcome: { kind: 'caught-up' } }])).toBeUndefined();
  });
});

const readable = (readableAt: number) => checkpoint('a', { readableAt });

it('the first of the shards that are not readable now is waited for', () => {
  expect(readableNext([readable(900), readable(3_000), readable(2_000), checkpoint('a'), ended('b')], 1_000)).toBe(
    2_000,
  );
  expect(readableNext([readable(900), checkpoint('a')], 1_000)).toBeUndefined();
});

it('a plan comes before the read that it is for', () => {
  expect(planFor(5_000)).toBe(5_000 - planLeadMs);
});
