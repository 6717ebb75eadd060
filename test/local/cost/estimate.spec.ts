/** What a report says of the use of AWS: every part of it comes from one place of the report. */
import { expect, it } from 'vitest';
import { billOf } from '../../../local/cost/bill.ts';
import { estimateOf, usageOfBatch } from '../../../local/cost/estimate.ts';
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
  const usage = usageOfBatch(batch);
  expect(usage).toMatchObject({ s3Puts: 0.4, s3Gets: 0.4, executions: 0, transitions: 0, scheduledStarts: 0 });
  expect(usage).toMatchObject({ lambdaRequests: 3 + 2 + 4 * 2, workSeconds: 2.5 + 4 * 0.4, driverSeconds: 0.3 });
  // Three KB of blocks, gathered by the seal and deleted: each KB more is written thrice.
  const larger = { ...batch, sizes: { ...batch.sizes, blocks: { ...batch.sizes.blocks, bytes: 5_000 } } };
  expect(usageOfBatch(larger).writeUnits - usage.writeUnits).toBeCloseTo(3 * 2, 6);
  expect(usageOfBatch(batch, 'STANDARD').transitions).toBe(9 + 2 + 4);
});

it('has nested executions where more than forty run at once, whose states a Standard machine is not billed for', () => {
  const wide = {
    ...{ ...batch, perTask: Array.from({ length: 400 }, () => task(500)) },
    sizes: { ...batch.sizes, states: { groups: 100, total: figures, most: figures } },
  };
  const usage = usageOfBatch(wide, 'STANDARD');
  // Ten waves of two seconds, three of 0.4; each is a call, a look at how it ended, and what it says.
  expect(usage).toMatchObject({ executions: 13, transitions: 9 + 13 * 3, lambdaRequests: 3 + 400 + (100 + 3) * 2 });
  expect(usage.executionSeconds).toBeCloseTo(10 * 2 + 3 * 0.4, 6);
  const turns = [0, 1].map((at) => report(at, { ...wide, committedAt: at * 60_000 }));
  const { usage: day } = estimateOf(turns, { everyMs: 30_000, machine: 'STANDARD' });
  expect(day.executions).toBeCloseTo(1_440 * 13 + 1_440 * 10, 6);
  expect(day.transitions).toBeCloseTo(1_440 * (9 + 13 * 3) + 1_440 * (5 + 10 * 3), 6);
});

it('of an hourly trigger is driven by starts of the schedule, and by no loop that waits', () => {
  const reports = [0, 1, 2].map((at) => report(at, { ...batch, batchId: at, committedAt: at * 3_600_000 }));
  const { usage } = estimateOf(reports, { everyMs: 3_600_000, machine: 'EXPRESS' });
  expect(usage).toMatchObject({ executions: 24, scheduledStarts: 24 });
  expect(usage.executionSeconds).toBeCloseTo(24 * 2.7, 6);
  expect(billOf(usage).stepFunctions).toBeLessThan(0.001);
});

it('of a day has the turns that find nothing, where the trigger is known', () => {
  const reports = [0, 1, 2].map((at) => report(at, { committedAt: at * 60_000 }));
  const known = estimateOf(reports, { everyMs: 10_000, machine: 'EXPRESS' });
  expect(known).toMatchObject({ batches: 3, batchesADay: 1_440, idleTurnsADay: 8_640 - 1_440 });
  const unknown = estimateOf(reports, { everyMs: undefined, machine: 'EXPRESS' });
  expect(unknown.idleTurnsADay).toBeUndefined();
  expect(known.usage.lambdaRequests - unknown.usage.lambdaRequests).toBe((8_640 - 1_440) * 2);
  expect(billOf(known.usage).total).toBeGreaterThan(billOf(unknown.usage).total);
});
