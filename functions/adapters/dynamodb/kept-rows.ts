/** What user code made of a batch's rows, in parts beside the state that is to be put: each is named by its first row. */
import type { EvaluatedRow } from '../../core/evaluate-row.ts';
import type { BatchStore } from '../../ports.ts';
import { rowsKey } from './keys.ts';
import { fromSavedOutput, type SavedOutput, toSavedOutput } from './saved-output.ts';
import { loadSaved, type SaveOptions, saveIfAbsent } from './saved-value.ts';

type SavedRow = Exclude<EvaluatedRow, { readonly kind: 'output' }> | SavedOutput;

export function keptRowsOf(pipeline: string, options: SaveOptions): Pick<BatchStore, 'putRows' | 'loadRows'> {
  return {
    async putRows(state, from, rows) {
      const saved = rows.map((row): SavedRow => (row.kind === 'output' ? toSavedOutput(row.record) : row));
      await saveIfAbsent(rowsKey(pipeline, state, from), saved, options);
    },
    async loadRows(state) {
      const rows: EvaluatedRow[] = [];
      for (;;) {
        const saved = await loadSaved<readonly SavedRow[]>(options.table, rowsKey(pipeline, state, rows.length));
        if (saved === undefined) return rows;
        for (const row of saved) rows.push('kind' in row ? row : { kind: 'output', record: fromSavedOutput(row) });
      }
    },
  };
}
