/** States of key groups with their outboxes: `<pipeline>/state/<group>`. */
import type { KeyGroupState } from '../../core/reduction.ts';
import { namedBy } from '../../core/state/manifest.ts';
import type { Around, StateStore } from '../../ports/state-store.ts';
import { fields, itemKind } from './item-kind.ts';
import { padName, segmentFolder, stateKey } from './keys.ts';
import type { NamesIn } from './named-blobs.ts';
import { fromSavedStep, type SavedStep, toSavedStep } from './saved-step.ts';
import { loadNamed, loadSaved, loadWhole, saveIfAbsent } from './saved-value.ts';
import { namesIn } from './segment-names.ts';
import type { Storage } from './storage.ts';
import type { Item } from './table.ts';

type SavedState = Omit<KeyGroupState, 'inline'> & { readonly inline?: readonly SavedStep[] };

const savedState = itemKind<SavedState>('state', {
  1: fields({
    ...{ batchId: 'number', ref: 'number', generation: 'number', keyGroup: 'number' },
    ...{ manifest: 'object', fates: 'object', outputs: 'object', steps: 'list' },
  }),
});

export function createStateStore(storage: Storage): StateStore {
  const { pipeline } = storage;
  return {
    async putState(state, around) {
      const key = stateKey(pipeline, state.keyGroup, state.batchId, state.ref);
      const to = { ...storage, marks: marksOf(around) };
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

/** The segments that the group's windows lie in: of a key group that there is no more, nothing else names them. */
export const namesOfState =
  (storage: Storage): NamesIn =>
  async (key, root) => {
    // What lies beside a state names nothing.
    if (key.sk.split('#').length > 2) return [];
    const { keyGroup, manifest } = await loadWhole(savedState, key, root, storage);
    const folder = segmentFolder(storage.pipeline, keyGroup);
    return namedBy(manifest).map(({ name, chunks, digest }) => ({ folder, name, chunks, digest }));
  };

/** What a purge goes by: it does not read what the state holds. */
const marksOf = ({ replaces, put, dropped }: Around): Item => ({
  ...(replaces === undefined ? {} : { replaces: { S: padName(replaces) } }),
  ...(put.length === 0 ? {} : { made: { S: namesIn(put) } }),
  ...(dropped.length === 0 ? {} : { dropped: { S: namesIn(dropped) } }),
});

function toSavedState({ inline, ...state }: KeyGroupState): SavedState {
  return inline === undefined ? state : { ...state, inline: inline.map(toSavedStep) };
}

function fromSavedState({ inline, ...saved }: SavedState): KeyGroupState {
  return inline === undefined ? saved : { ...saved, inline: inline.map(fromSavedStep) };
}
