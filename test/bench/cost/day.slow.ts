/** The page on costs shows what is counted. */
import { expect, test } from 'vitest';
import { readDocument, tableIn } from '../../docs/documents.ts';
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
