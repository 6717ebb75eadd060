/** Notes beside tasks: `PLAN#<ref>#<task>#note`. */
import { formatVersion } from '../../core/model.ts';
import type { DeathNote } from '../../core/suspicions.ts';
import type { DeathNoteStore } from '../../ports/death-note-store.ts';
import { textIn } from './item.ts';
import { noteKey } from './keys.ts';
import { planDays } from './plan-store.ts';
import { inDays, type Storage } from './storage.ts';
import { keyOf } from './table.ts';

export function createDeathNoteStore(storage: Storage): DeathNoteStore {
  const { table, pipeline } = storage;
  return {
    async putNote(ref, task, note) {
      await table.put({
        ...keyOf(noteKey(pipeline, ref, task)),
        v: { N: String(formatVersion) },
        note: { S: JSON.stringify(note) },
        expires: { N: String(inDays(storage, planDays)) },
      });
    },
    async loadNote(ref, task) {
      const item = await table.get(noteKey(pipeline, ref, task));
      return item === undefined ? undefined : (JSON.parse(textIn(item, 'note')) as DeathNote);
    },
  };
}
