/** States of key groups with their outboxes: `<pipeline>/state/<group>`. */
import type { OutboxOfOutput } from '../../core/outbox.ts';
import type { KeyGroupState } from '../../core/reduce-key-group.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { fields, itemKind } from './item-kind.ts';
import { padName, stateKey } from './keys.ts';
import { fromSavedOutput, type SavedOutput, toSavedOutput } from './saved-output.ts';
import { loadNamed, loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

type SavedOutbox = Omit<OutboxOfOutput, 'records'> & { readonly records: readonly SavedOutput[] };
type SavedState = Omit<KeyGroupState, 'outbox'> & { readonly outbox: readonly SavedOutbox[] };

const savedState = itemKind<SavedState>('state', {
  1: fields({
    ...{ batchId: 'number', ref: 'number', generation: 'number', keyGroup: 'number' },
    ...{ windows: 'list', outbox: 'list', results: 'number', filtered: 'number', refused: 'list' },
  }),
});

export function createStateStore(storage: Storage): StateStore {
  const { pipeline } = storage;
  return {
    async putState(state, replaces) {
      const key = stateKey(pipeline, state.keyGroup, state.batchId, state.ref);
      const to = replaces === undefined ? storage : { ...storage, marks: { replaces: { S: padName(replaces) } } };
      const stored = await saveIfAbsent(savedState, key, toSavedState(state), to);
      return stored === 'stored' ? state : fromSavedState(await loadNamed(savedState, key, storage));
    },
    async loadState(keyGroup, batchId, ref) {
      return fromSavedState(await loadNamed(savedState, stateKey(pipeline, keyGroup, batchId, ref), storage));
    },
    async findState(keyGroup, batchId, ref) {
      const saved = await loadSaved(savedState, stateKey(pipeline, keyGroup, batchId, ref), storage);
      return saved === undefined ? undefined : fromSavedState(saved);
    },
  };
}

const toSavedState = (state: KeyGroupState): SavedState => ({
  ...state,
  outbox: state.outbox.map((one) => ({ ...one, records: one.records.map(toSavedOutput) })),
});
const fromSavedState = (saved: SavedState): KeyGroupState => ({
  ...saved,
  outbox: saved.outbox.map((one) => ({ ...one, records: one.records.map(fromSavedOutput) })),
});
