/** What a page keeps of reports (HISTORY-1, HISTORY-2). */
import { expect, it } from 'vitest';
import { noCounts } from '../../../functions/core/counters.ts';
import { emptyHistory, withReports } from '../../../local/page/history.ts';
import { report } from './some-facts.ts';

const read = (batchId: number, events: number, ref = batchId) =>
  report(batchId, { ref, counters: { ...noCounts, read: events, counted: events }, records: 1, bytes: 10 });
const batches = (history: typeof emptyHistory) => history.reports.map(({ batchId }) => batchId);

it('has each batch once, in order, however they come (HISTORY-1)', () => {
  const first = withReports(emptyHistory, [read(2, 20), read(1, 10)]);
  const second = withReports(first, [read(2, 20), read(3, 30)]);
  expect(batches(second)).toEqual([1, 2, 3]);
  expect(second.totals).toMatchObject({ batches: 3, firstBatch: 1, records: 3, bytes: 30, counters: { read: 60 } });
});

it('takes of two tries of a batch the later one, whichever comes first (HISTORY-1)', () => {
  const late = withReports(withReports(emptyHistory, [read(1, 10, 5)]), [read(1, 99, 7), read(1, 1, 6)]);
  expect(late.reports.map(({ ref }) => ref)).toEqual([7]);
  expect(late.totals.counters.read).toBe(99);
});

it('lets the oldest go, and keeps it in the totals (HISTORY-2)', () => {
  let history = emptyHistory;
  for (let batchId = 0; batchId < 10; batchId++) history = withReports(history, [read(batchId, 1)], 3);
  expect(batches(history)).toEqual([7, 8, 9]);
  expect(history.totals).toMatchObject({ batches: 10, firstBatch: 0, counters: { read: 10 } });
});

it('counts nothing again that has gone (HISTORY-2)', () => {
  const long = withReports(emptyHistory, [read(0, 1), read(1, 1), read(2, 1)], 2);
  const again = withReports(long, [read(0, 1)], 2);
  expect([batches(again), again.totals.counters.read]).toEqual([[1, 2], 3]);
});

it('adds rows and reasons of letters', () => {
  const letter = {
    reason: 'invalid-json',
    count: 2,
    example: { source: 'main', shardId: 'a', sequenceNumber: '1', subSequenceNumber: 0 },
  } as const;
  const rows = { results: 2, emitted: 1, filtered: 1, refused: 0 };
  const { totals } = withReports(emptyHistory, [
    report(0, { rows, deadLetters: [letter] }),
    report(1, { rows, deadLetters: [{ ...letter, count: 5 }] }),
  ]);
  expect(totals.rows).toEqual({ results: 4, emitted: 2, filtered: 2, refused: 0 });
  expect(totals.deadLetters).toEqual([{ ...letter, count: 7 }]);
});
