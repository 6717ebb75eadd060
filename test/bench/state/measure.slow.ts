/** `npm run bench -- state`, small: what it counts is what the steps do, and the same each time. */
import { expect, it } from 'vitest';
import { measure } from './measure.ts';
import type { Settings } from './settings.ts';

const small: Settings = {
  ...{
    entries: 90,
    groups: 2,
    touched: 0.1,
    windows: 3,
    tasks: 2,
    mode: 'append',
    batches: 12,
    tableOnly: false,
    json: true,
  },
};
const counted = async (settings: Settings) => {
  const { cpuMs, worstCpuMs, peakMb, closeCpuMs, closePeakMb, idleMb, computeDollarsPerDay, ...figures } =
    await measure(settings, () => {});
  expect(Math.min(cpuMs, peakMb, closePeakMb, idleMb, computeDollarsPerDay)).toBeGreaterThan(0);
  expect([cpuMs <= worstCpuMs, closeCpuMs > 0]).toEqual([true, true]);
  return figures;
};

it('each window closes once, with one result for each of its entries', async () => {
  const figures = await counted(small);
  expect(figures).toMatchObject({ entries: 90, touched: 9, batches: 12, results: 90, closeCalls: 1 });
  expect(figures.writtenBytes).toBeGreaterThan(500);
  expect(figures.writtenBytes).toBeLessThanOrEqual(figures.worstWrittenBytes);
  expect(figures.dollarsPerDay).toBeCloseTo(
    8_640 *
      (figures.writeUnits * 0.625e-6 + figures.readUnits * 0.125e-6 + figures.s3Puts * 5e-6 + figures.s3Gets * 0.4e-6),
    2,
  );
});

it('in update mode the last batch of a window gives out what it has changed; sessions end all at once', async () => {
  const update = await counted({ ...small, mode: 'update', windows: 1 });
  expect(update.results).toBe(9);
  const session = await counted({ ...small, mode: 'session', windows: 1 });
  expect(session.results).toBe(90);
});
