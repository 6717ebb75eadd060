/** What a run came to, line by line. Whoever reads only the last screen must see what went wrong. */

import type { Counters } from '../../functions/core/counters.ts';
import type { RowCounts, Tally } from '../../functions/core/dead-letter-tally.ts';
import { exampleText, mostFirst, reasonsText } from './letter-text.ts';
import { number, reconciliation, rowReconciliation } from './progress-text.ts';

export type Summary = {
  readonly pipeline: string;
  readonly batches: number;
  readonly published: number;
  readonly counters: Counters;
  /** Undefined without aggregation. */
  readonly rows: RowCounts | undefined;
  readonly deadLetters: Tally;
  readonly refusedRows: Tally;
  readonly end: 'complete' | 'stopped';
};

export function summaryLines(summary: Summary): string[] {
  const { pipeline, batches, published, counters, rows, deadLetters, refusedRows, end } = summary;
  const bad = [...mostFirst(deadLetters), ...mostFirst(refusedRows)];
  return [
    ...(end === 'stopped' ? ['Stopped after a committed batch.'] : []),
    `${pipeline}: ${number(batches)} batches · published ${number(published)} · ${reconciliation(counters)}`,
    ...(rows === undefined ? [] : [`${pipeline}: ${rowReconciliation(rows)}`]),
    ...bad.map((each) => `  ${number(each.count)} × ${exampleText(each)}`),
    ...alarms(summary),
  ];
}

/** A run of which nothing is left ends as well as any other. */
export function isAllLost({ counters, rows }: Pick<Summary, 'counters' | 'rows'>): boolean {
  const allEvents = counters.read > 0 && counters.deadLettered === counters.read;
  const allRows = rows !== undefined && rows.results > 0 && rows.refused === rows.results;
  return allEvents || allRows;
}

function alarms({ counters, rows, deadLetters, refusedRows }: Summary): string[] {
  if (counters.read > 0 && counters.deadLettered === counters.read) {
    return [
      `WARNING: all ${number(counters.read)} events became dead letters (${reasonsText(deadLetters)}); none counts.`,
    ];
  }
  if (rows !== undefined && rows.results > 0 && rows.refused === rows.results) {
    return [
      `WARNING: all ${number(rows.results)} results were refused (${reasonsText(refusedRows)}); none is in the sink.`,
    ];
  }
  return [];
}
