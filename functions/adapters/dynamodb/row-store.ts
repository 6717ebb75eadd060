/**
 * Beside the state that is to be put: what user code made of its rows, in parts named by their first row, and what it did
 * to reducers.
 */
import type { EvaluatedRow } from '../../core/evaluate-row.ts';
import { formatVersion } from '../../core/model.ts';
import type { RowTrial } from '../../core/row-trial.ts';
import type { RowStore } from '../../ports/row-store.ts';
import { bytesIn } from './item.ts';
import { rowsKey, trialKey } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { fromSavedOutput, type SavedOutput, toSavedOutput } from './saved-output.ts';
import { loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';
import { keyOf } from './table.ts';

type SavedRow = Exclude<EvaluatedRow, { readonly kind: 'output' }> | SavedOutput;

export function createRowStore(storage: Storage): RowStore {
  const { table, pipeline } = storage;
  return {
    async putRows(state, from, rows) {
      const saved = rows.map((row): SavedRow => (row.kind === 'output' ? toSavedOutput(row.record) : row));
      await saveIfAbsent(rowsKey(pipeline, state, from), saved, storage);
    },
    async loadRows(state) {
      const rows: EvaluatedRow[] = [];
      for (;;) {
        const saved = await loadSaved<readonly SavedRow[]>(rowsKey(pipeline, state, rows.length), storage);
        if (saved === undefined) return rows;
        for (const row of saved) rows.push('kind' in row ? row : { kind: 'output', record: fromSavedOutput(row) });
      }
    },
    async loadTrial(state) {
      const note = await table.get(trialKey(pipeline, state));
      return note === undefined ? undefined : decode<RowTrial>(bytesIn(note, 'data'));
    },
    async putTrial(state, trial) {
      const data = { B: encode(trial) };
      await table.put({ ...keyOf(trialKey(pipeline, state)), v: { N: String(formatVersion) }, data });
    },
  };
}
