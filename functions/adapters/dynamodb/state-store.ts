/** States of key groups with their outboxes: `<pipeline>/state/<group>`. */
import type { KeyGroupState } from '../../core/reduction.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { fields, itemKind } from './item-kind.ts';
import { padName, stateKey } from './keys.ts';
import { fromSavedStep, type SavedStep, toSavedStep } from './saved-step.ts';
import { loadNamed, loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

type SavedState = Omit<KeyGroupState, 'inline'> & { readonly inline?: readonly SavedStep[] };

const savedState = itemKind<SavedState>('state', {
  1: fields({
    ...{ batchId: 'number', ref: 'number', generation: 'number', keyGroup: 'number' },
    ...{ windows: 'list', fates: 'object', outputs: 'object', steps: 'list' },
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

function toSavedState({ inline, ...state }: KeyGroupState): SavedState {
  return inline === undefined ? state : { ...state, inline: inline.map(toSavedStep) };
}

function fromSavedState({ inline, ...saved }: SavedState): KeyGroupState {
  return inline === undefined ? saved : { ...saved, inline: inline.map(fromSavedStep) };
}
