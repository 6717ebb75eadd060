/** What is stored stays level, with all limits of states small: in the table alone, and in table and bucket. */
import { expect, it } from 'vitest';
import { measureLevel } from './level.ts';
import type { Settings } from './settings.ts';

const settings: Settings = {
  ...{ entries: 40, groups: 2, touched: 0.1, windows: 20, tasks: 1, mode: 'append', batches: 120, json: true },
  tableOnly: false,
};

it.each([
  { name: 'windows that close one after the other', given: {} },
  { name: 'them without a bucket', given: { tableOnly: true } },
  { name: 'sessions', given: { mode: 'session', windows: 1 } },
] as const)('what is stored of $name stays level, and states are most of their bytes', async ({ given }) => {
  const level = await measureLevel({ ...settings, ...given });
  process.stdout.write(`${JSON.stringify(level)}\n`);
  expect(level.stateBytes).toBeGreaterThan(1_000);
  expect(level.growth).toBeLessThan(1.15);
  expect(level.worstRatio).toBeGreaterThan(1);
  expect(level.worstRatio).toBeLessThan(1.8);
});
