/**
 * The reports of a pipeline's last batches, and what all that were seen come to.
 *
 * HISTORY-1 A batch is there once, in the order of ids. Of two tries the one of the higher ref counts, and totals never count both.
 * HISTORY-2 It is bounded: the oldest goes, and stays in the totals.
 */
import { addCounters, type Counters, noCounts } from '../../functions/core/counters.ts';
import { addRows, mergeTallies, type RowCounts, type Tally } from '../../functions/core/dead-letter-tally.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';

export type History = {
  /** Oldest first. */
  readonly reports: readonly BatchProgress[];
  /** Of those and of all that went before them. */
  readonly totals: Totals;
  /** Of those that went. */
  readonly gone: Totals;
};

export type Totals = {
  readonly batches: number;
  /** Undefined: there are none. */
  readonly firstBatch: number | undefined;
  readonly counters: Counters;
  readonly records: number;
  readonly bytes: number;
  /** Undefined without aggregation. */
  readonly rows: RowCounts | undefined;
  readonly deadLetters: Tally;
  readonly refusedRows: Tally;
};

export const maxReports = 300;

const nothing: Totals = {
  ...{ batches: 0, firstBatch: undefined, counters: noCounts, records: 0, bytes: 0 },
  ...{ rows: undefined, deadLetters: [], refusedRows: [] },
};

export const emptyHistory: History = { reports: [], totals: nothing, gone: nothing };

export function withReports(history: History, more: readonly BatchProgress[], most = maxReports): History {
  const byBatch = new Map(history.reports.map((report) => [report.batchId, report]));
  const oldest = history.reports[0]?.batchId ?? -1;
  const hasGone = history.gone.batches > 0;
  for (const report of more) {
    const known = byBatch.get(report.batchId);
    if ((known === undefined || known.ref < report.ref) && !(hasGone && report.batchId < oldest))
      byBatch.set(report.batchId, report);
  }
  const all = [...byBatch.values()].sort((one, other) => one.batchId - other.batchId);
  const gone = all.slice(0, Math.max(0, all.length - most)).reduce(plus, history.gone);
  const reports = all.slice(-most);
  return { reports, gone, totals: reports.reduce(plus, gone) };
}

function plus(totals: Totals, report: BatchProgress): Totals {
  const { counters, records, bytes, rows, deadLetters = [], refusedRows = [] } = report;
  return {
    batches: totals.batches + 1,
    firstBatch: totals.firstBatch ?? report.batchId,
    counters: addCounters(totals.counters, counters),
    records: totals.records + records,
    bytes: totals.bytes + bytes,
    rows: totals.rows === undefined || rows === undefined ? (rows ?? totals.rows) : addRows(totals.rows, rows),
    deadLetters: mergeTallies([totals.deadLetters, deadLetters]),
    refusedRows: mergeTallies([totals.refusedRows, refusedRows]),
  };
}
