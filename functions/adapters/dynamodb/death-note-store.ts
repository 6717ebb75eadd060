/** Notes beside tasks: `PLAN#<ref>#<task>#note`. */
import type { DeathNote } from '../../core/suspicions.ts';
import type { DeathNoteStore } from '../../ports/death-note-store.ts';
import { numberIn, textIn } from './item.ts';
import { fields, itemKind, readAs } from './item-kind.ts';
import { noteKey } from './keys.ts';
import { planDays } from './plan-store.ts';
import { itemOf } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';

const deathNote = itemKind<DeathNote>('note', {
  1: fields({ source: 'text', shardId: 'text', place: 'object', isEvent: 'true or false' }),
});

export function createDeathNoteStore(storage: Storage): DeathNoteStore {
  const { table, pipeline } = storage;
  return {
    async putNote(ref, task, note) {
      await table.put({
        ...itemOf(deathNote, noteKey(pipeline, ref, task), inDays(storage, planDays)),
        note: { S: JSON.stringify(note) },
      });
    },
    async loadNote(ref, task) {
      const key = noteKey(pipeline, ref, task);
      const item = await table.get(key);
      if (item === undefined) return undefined;
      return readAs(deathNote, { v: numberIn(item, 'v'), json: JSON.parse(textIn(item, 'note')) }, key);
    },
  };
}
