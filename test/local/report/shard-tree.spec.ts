import { expect, it } from 'vitest';
import { shardRows, shardTreeTable } from '../../../local/report/shard-tree.ts';
import { checkpoint, ended, noon } from '../../support/builders.ts';
import { batchesOf, shardReport } from '../../support/reports.ts';

const merged = [
  ended('a', { lastArrival: noon - 5 }),
  ended('b'),
  // Of a merge, and its split.
  { ...ended('c'), parents: ['a', 'b'] },
  { ...checkpoint('d', { watermark: noon, lastArrival: noon }), parents: ['c'] },
  { ...checkpoint('e'), parents: ['c'] },
  checkpoint('f'),
];

it('has each shard once, children behind the first of their parents, and where each stands', () => {
  const reports = batchesOf(
    { shards: [shardReport('d', { state: 'unchanged' }), shardReport('f', { state: 'failed' })] },
    { shards: [shardReport('d', { state: 'reading', millisBehindLatest: 4_000 })] },
  );
  const rows = shardRows(merged, reports);
  expect(rows.map(({ shardId, depth, state }) => [shardId, depth, state])).toEqual([
    ['a', 0, 'ended'],
    ['c', 1, 'ended'],
    ['d', 2, 'reading'],
    ['e', 2, expect.stringMatching(/unread|unchanged/)],
    ['b', 0, 'ended'],
    ['f', 0, 'failed'],
  ]);
  expect(rows[0]).toMatchObject({ children: ['c'], position: 'end', lastArrival: noon - 5, millisBehindLatest: null });
  expect(rows[2]).toMatchObject({ parents: ['c'], millisBehindLatest: 4_000, watermark: noon });
  const table = shardTreeTable(rows).split('\n');
  expect(table.find((line) => line.includes('└ d'))).toMatch(/│ {5}└ d +│ c +│ reading +│ 4\.0 s/);
  expect(table.find((line) => line.includes('└ c'))).toContain('a + b');
});

it('says which shards wait for a parent', () => {
  const waiting = { ...checkpoint('child'), life: 'unread', parents: ['parent'], waitsFor: ['parent'] } as never;
  expect(shardRows([checkpoint('parent'), waiting], []).map(({ state }) => state)).toEqual([
    expect.any(String),
    'waiting',
  ]);
});
