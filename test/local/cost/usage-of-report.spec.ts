/** What a report says of the use of AWS: every part of it comes from one place of the report. */
import { expect, it } from 'vitest';
import { billOf } from '../../../local/cost/bill.ts';
import { usageOfReport } from '../../../local/cost/usage-of-report.ts';
import { report } from '../page/some-facts.ts';

const figures = { entries: 0, bytes: 0, segments: 0, runs: 0, inlineChars: 0, manifestChars: 0, steps: 0 };
const task = (workMs: number) => ({ task: 0, shards: 1, records: 1, bytes: 1, workMs });
const batch = report(3, {
  perTask: [task(2_000), task(500)],
  steps: [
    { step: 'plan', at: 0, ms: 100 },
    { step: 'process', at: 100, ms: 2_000 },
    { step: 'seal', at: 2_100, ms: 50 },
    { step: 'reduce', at: 2_150, ms: 400, tries: 2 },
    { step: 'commit', at: 2_550, ms: 150 },
  ],
  sizes: {
    blocks: { blocks: 2, bytes: 3_000, mostOfGroup: 0 },
    bodyChars: 0,
    states: { groups: 4, total: figures, most: figures },
  },
});

it('takes time from steps and executors, calls from what ran, units from what was stored', () => {
  expect(usageOfReport(batch, 10)).toEqual({
    ...{ writeUnits: 21, readUnits: 23, s3Puts: 0, s3Gets: 0, executions: 0, transitions: 0, scheduledStarts: 0 },
    ...{ lambdaRequests: 3 + 2 + 4 * 2, workSeconds: 2.5 + 4 * 0.4, driverSeconds: 0.3, executionSeconds: 10 },
  });
});

it('of a report without times has what is known', () => {
  expect(usageOfReport(report(0), 0)).toMatchObject({
    writeUnits: 18,
    lambdaRequests: 3,
    workSeconds: 0,
    driverSeconds: 0,
  });
  expect(billOf(usageOfReport(report(0), 0)).total).toBeCloseTo(18 * 0.625e-6 + 23 * 0.125e-6 + 3 * 0.2e-6, 12);
});
