/** What a batch asks of the table, request by request: it can't creep up unseen. */
import { expect, test } from 'vitest';
import { readDocument, tableIn } from '../../docs/documents.ts';
import { type CountedBatches, countRequests, markdownOfRequests, type TableRequest, usual } from './requests.ts';

const listed = (turn: readonly TableRequest[]): readonly (readonly [string, string, number, number])[] =>
  turn.map(({ step, call, writeUnits, readUnits }) => [step, call, writeUnits, readUnits]);

/** With purges and hand-overs, and all that is seldom. */
function expectAtMost(mean: CountedBatches['mean'], most: CountedBatches['mean']): void {
  for (const [name, value] of Object.entries(mean)) {
    expect(value, name).toBeLessThanOrEqual(most[name as keyof typeof most]);
    expect(value, name).toBeGreaterThan(most[name as keyof typeof most] * 0.9);
  }
}

test('a batch that finds nothing makes one write and two reads', async () => {
  const { turns, mean } = await countRequests('idle');
  expect(listed(usual(turns))).toEqual([
    ['plan-batch', 'claim', 1, 0],
    ['plan-batch', 'load-body', 0, 1],
    ['plan-batch', 'load-head', 0, 1],
  ]);
  expectAtMost(mean, { writes: 1.5, reads: 2.7, writeUnits: 1.5, readUnits: 2.7 });
});

test('a small batch makes seven writes and nine reads, each of one unit', async () => {
  const { turns, mean } = await countRequests('small');
  expect(listed(usual(turns))).toEqual([
    ['commit-batch', 'commit', 1, 0],
    ['commit-batch', 'load-block', 0, 1],
    ['commit-batch', 'load-body', 0, 1],
    ['commit-batch', 'load-head', 0, 1],
    ['commit-batch', 'put-progress', 1, 0],
    ['plan-batch', 'claim', 1, 0],
    ['plan-batch', 'load-body', 0, 1],
    ['plan-batch', 'load-head', 0, 1],
    ['process-shards', 'put-block', 1, 0],
    ['reduce-key-group', 'load-body', 0, 1],
    ['reduce-key-group', 'load-state', 0, 1],
    ['reduce-key-group', 'put-state', 1, 0],
    ['seal-batch', 'load-block', 0, 1],
    ['seal-batch', 'load-body', 0, 1],
    ['seal-batch', 'put-body', 1, 0],
    ['seal-batch', 'seal', 1, 0],
  ]);
  expectAtMost(mean, { writes: 7.8, reads: 12.8, writeUnits: 9.6, readUnits: 13.1 });
});

test('the page on costs lists them', async () => {
  const written = tableIn(readDocument('docs/cost.md').split('<!-- generated: requests -->')[1]!);
  const counted = tableIn(markdownOfRequests(await countRequests('idle'), await countRequests('small')));
  expect(written).toEqual(counted);
});
