import { expect, it } from 'vitest';
import { noCounts } from '../../../functions/core/counters.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import { progressLine } from '../../../local/report/progress-text.ts';

const lineOf = (shards: Partial<BatchProgress['shards']>): string => {
  const progress = { batchId: 3, counters: noCounts, shards, records: 4, millisBehindLatest: 0, watermark: null };
  return progressLine({ progress: { ...progress, dataLoss: [] } as never, seconds: 1, published: undefined });
};

it.each([
  [{ read: 3, open: 4, failed: 0 }, '3 of 4 shards'],
  [{ read: 4, open: 4, failed: 0 }, '4 of 4 shards'],
  // Two ended with the batch, and the one behind them is new.
  [{ read: 4, open: 3, failed: 0 }, '4 shards, 3 open now'],
])('of %j a batch says "%s"', (shards, text) => {
  expect(lineOf(shards)).toContain(` ${text} ·`);
});
