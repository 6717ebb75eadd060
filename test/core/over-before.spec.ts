/** BEFORE-1, BEFORE-2: what a longer lateness says of windows that were over under the shorter one. */
import { describe, expect, it } from 'vitest';
import { endsUnder, overBefore } from '../../functions/core/over-before.ts';

const under = (latenessMs: number): string =>
  JSON.stringify({ v: 1, ...(latenessMs === 0 ? {} : { allowedLateness: latenessMs }), aggregates: [] });

describe('windows that are over for good', () => {
  it('are those that were under the shorter lateness, by the watermark of the last batch (BEFORE-1)', () => {
    const committed = { fingerprint: under(20), watermarkOut: 100 };
    expect(overBefore(committed, under(50))).toEqual({ overUpTo: 80 });
    expect(overBefore({ ...committed, fingerprint: under(0) }, under(50))).toEqual({ overUpTo: 100 });
  });

  it('are none where the lateness is the same, shorter, or nothing is known', () => {
    const committed = { fingerprint: under(20), watermarkOut: 100 };
    expect(overBefore(committed, under(20))).toEqual({});
    expect(overBefore(committed, under(5))).toEqual({});
    expect(overBefore({ ...committed, watermarkOut: null }, under(50))).toEqual({});
    expect(overBefore(undefined, under(50))).toEqual({});
  });

  it('are told of until they would be over anyway', () => {
    const committed = (watermarkOut: number) => ({ fingerprint: under(50), watermarkOut, overUpTo: 80 });
    expect(overBefore(committed(129), under(50))).toEqual({ overUpTo: 80 });
    expect(overBefore(committed(130), under(50))).toEqual({});
    expect(overBefore(committed(129), under(200))).toEqual({ overUpTo: 80 });
    expect(overBefore(committed(140), under(200))).toEqual({ overUpTo: 90 });
  });
});

it('a key group is due at all ends as they were, and at those by the longer lateness (BEFORE-2)', () => {
  expect(endsUnder({ ends: [10, 30] }, under(20), under(50))).toEqual({ ends: [10, 30, 40, 60] });
  expect(endsUnder({ ends: [10], upTo: 70 }, under(0), under(5))).toEqual({ ends: [10, 15], upTo: 75 });
  expect(endsUnder({ ends: [10] }, under(50), under(20))).toEqual({ ends: [10] });
  expect(endsUnder({ ends: [] }, under(20), under(50))).toEqual({ ends: [] });
});
