/**
 * Beside the state that is to be put: what user code made of its rows, in parts named by their first row, and what it did
 * to reducers.
 */
import type { EvaluatedRow } from '../../core/evaluate-row.ts';
import type { Missed } from '../../core/output.ts';
import type { RowTrial } from '../../core/row-trial.ts';
import type { RowStore } from '../../ports/row-store.ts';
import { bytesIn, numberIn } from './item.ts';
import { fields, itemKind, list, readAs } from './item-kind.ts';
import { rowsKey, trialKey } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { fromSavedOutput, type SavedOutput, toSavedOutput } from './saved-output.ts';
import { itemOf, loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

/** Of a row that goes out: what goes to each output, which is named by its id, and which ones miss it. */
type SavedRow =
  | Exclude<EvaluatedRow, { readonly kind: 'output' }>
  | {
      readonly kind: 'output';
      readonly to: Readonly<Record<string, SavedOutput>>;
      readonly missed?: readonly Missed[];
    };

const savedRows = itemKind<readonly SavedRow[]>('part of rows', { 1: list() });

const rowTrial = itemKind<RowTrial>('trial', {
  1: fields({
    ...{ hasDied: 'true or false', inHand: 'object or null', deaths: 'list', closely: 'object or null' },
    ...{ clearedUpTo: 'number', diedInPlace: 'number', isInPlace: 'true or false' },
  }),
});

export function createRowStore(storage: Storage): RowStore {
  const { table, pipeline } = storage;
  return {
    async putRows(state, from, rows) {
      await saveIfAbsent(savedRows, rowsKey(pipeline, state, from), rows.map(toSavedRow), storage);
    },
    async loadRows(state) {
      const rows: EvaluatedRow[] = [];
      for (;;) {
        const saved = await loadSaved(savedRows, rowsKey(pipeline, state, rows.length), storage);
        if (saved === undefined) return rows;
        rows.push(...saved.map(fromSavedRow));
      }
    },
    async loadTrial(state) {
      const key = trialKey(pipeline, state);
      const note = await table.get(key);
      if (note === undefined) return undefined;
      return readAs(rowTrial, { v: numberIn(note, 'v'), json: decode(bytesIn(note, 'data')) }, key);
    },
    async putTrial(state, trial) {
      await table.put({ ...itemOf(rowTrial, trialKey(pipeline, state)), data: { B: encode(trial) } });
    },
  };
}

function toSavedRow(row: EvaluatedRow): SavedRow {
  if (row.kind !== 'output') return row;
  const { records, ...rest } = row;
  return { ...rest, to: Object.fromEntries(records.map(({ output, record }) => [output, toSavedOutput(record)])) };
}

function fromSavedRow(row: SavedRow): EvaluatedRow {
  if (row.kind !== 'output') return row;
  const { to, ...rest } = row;
  const records = Object.entries(to).map(([output, saved]) => ({ output, record: fromSavedOutput(saved) }));
  return { ...rest, records };
}
