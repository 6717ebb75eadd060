/** The page on costs shows what is counted. */
import { expect, test } from 'vitest';
import { billOf } from '../../../local/cost/bill.ts';
import { estimateOf } from '../../../local/cost/estimate.ts';
import { readDocument, tableIn } from '../../docs/documents.ts';
import { costOfDay } from './day.ts';
import { rowsOfShards } from './table.ts';

const documented = tableIn(readDocument('docs/cost.md').split('<!-- generated: a day -->')[1]!);

/** As the table has it, but for the last digit: what is counted follows from draws of latency. */
test('a day of one shard costs what the page says', async () => {
  for (const { shards, keys, load, bill } of await rowsOfShards(1)) {
    const row = documented.find(
      (cells) => cells[0] === String(shards) && cells[1] === String(keys) && cells[2] === load,
    );
    expect(Number(row?.at(-1)), load).toBeCloseTo(bill.total, 2);
  }
});

test('an idle pipeline that stops costs less than five cents a day, with 10 and with 100 shards', () => {
  for (const shards of ['10', '100']) {
    const row = documented.find((cells) => cells[0] === shards && cells[2] === 'idle, `stopWhenIdle`');
    expect(Number(row?.at(-1))).toBeLessThan(0.05);
  }
});

test('10 shards at a tenth of their load, with a trigger of 10 s, cost less than 35 cents a day', () => {
  const row = documented.find((cells) => cells[0] === '10' && cells[1] === '100' && cells[2] === '10 %');
  expect(Number(row?.at(-1))).toBeLessThan(0.35);
});

/** What `sluice cost` says, beside what is counted. */
test.each([
  { shards: 1, keys: 100 },
  { shards: 10, keys: 1_000 },
])('is reckoned by reports within 15 %% of what is counted, with $shards shards and $keys keys', async (of) => {
  const { usage, reports } = await costOfDay({ ...of, triggerMs: 10_000, isIdle: false });
  const [counted, reckoned] = [usage, estimateOf(reports, { everyMs: 10_000, machine: 'EXPRESS' }).usage].map(billOf);
  for (const part of ['stepFunctions', 'lambda', 'dynamodb', 'total'] as const)
    expect(Math.abs(reckoned![part] / counted![part] - 1), part).toBeLessThan(part === 'total' ? 0.15 : 0.25);
});
