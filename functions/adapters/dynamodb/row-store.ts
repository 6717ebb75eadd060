/**
 * The steps of a key group's outbox, named by their first row, beside the partial aggregates of its batch: they go with the batch, while a
 * state stays until another takes its place. And, beside the state that is to be put, what its rows did to reducers.
 */
import type { RowTrial } from '../../core/row-trial.ts';
import type { RowStore } from '../../ports/row-store.ts';
import { bytesIn, numberIn } from './item.ts';
import { fields, itemKind, readAs } from './item-kind.ts';
import { rowsKey, trialKey } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { fromSavedStep, type SavedStep, toSavedStep } from './saved-step.ts';
import { itemOf, loadNamed, loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

const savedStep = itemKind<SavedStep>('step of rows', { 1: fields({ rows: 'list', refused: 'list' }) });

const rowTrial = itemKind<RowTrial>('trial', {
  1: fields({
    ...{ hasDied: 'true or false', inHand: 'object or null', deaths: 'list', closely: 'object or null' },
    ...{ clearedUpTo: 'number', diedInPlace: 'number', isInPlace: 'true or false' },
  }),
});

/** Two requests to a stream. */
const mostInStep = 1_000;
/** A row takes so much at least where it is packed with others like it: a step should fit into one item. */
const leastBytesOfRow = 60;

export function createRowStore(storage: Storage): RowStore {
  const { table, pipeline } = storage;
  return {
    mostInStep: Math.min(mostInStep, Math.max(1, Math.floor(table.chunkBytes / leastBytesOfRow))),
    async putStep(state, from, step) {
      const key = rowsKey(pipeline, state, from);
      const stored = await saveIfAbsent(savedStep, key, toSavedStep(step), storage);
      return stored === 'stored' ? step : fromSavedStep(await loadNamed(savedStep, key, storage));
    },
    async findStep(state, from) {
      const saved = await loadSaved(savedStep, rowsKey(pipeline, state, from), storage);
      return saved === undefined ? undefined : fromSavedStep(saved);
    },
    async loadStep(state, from) {
      return fromSavedStep(await loadNamed(savedStep, rowsKey(pipeline, state, from), storage));
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
