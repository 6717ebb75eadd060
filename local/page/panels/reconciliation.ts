/** Where each event that was read has gone: the line that must come out even. */
import { reconciles, reconciliation, rowReconciliation } from '../../report/progress-text.ts';
import type { Totals } from '../history.ts';
import { lastReport } from '../page-facts.ts';
import type { Panel } from './panel.ts';

export type ReconciliationModel = {
  readonly lines: readonly {
    readonly name: string;
    readonly events: string;
    readonly isEven: boolean;
    /** Null without aggregation. */
    readonly rows: string | null;
  }[];
};

export const reconciliationPanel: Panel = {
  id: 'reconciliation',
  model: (facts): ReconciliationModel => {
    const last = lastReport(facts);
    if (last === undefined) return { lines: [] };
    const { totals } = facts.history;
    return {
      lines: [
        lineOf(nameOf(totals, last.batchId), totals),
        lineOf(`Batch ${last.batchId}`, { ...last, rows: last.rows }),
      ],
    };
  },
};

const nameOf = ({ firstBatch }: Totals, last: number): string =>
  firstBatch === last ? `Batch ${last}` : `Batches ${firstBatch} to ${last}`;

function lineOf(name: string, { counters, rows }: Pick<Totals, 'counters' | 'rows'>): ReconciliationModel['lines'][0] {
  return {
    name,
    events: reconciliation(counters),
    isEven: reconciles(counters),
    rows: rows === undefined ? null : rowReconciliation(rows),
  };
}
