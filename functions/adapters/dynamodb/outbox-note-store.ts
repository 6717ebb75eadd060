/** Notes beside states: `…#sent`, `…#buried`. */
import { formatVersion } from '../../core/model.ts';
import { nothingSent } from '../../core/sent-outbox.ts';
import type { OutboxNoteStore } from '../../ports/outbox-note-store.ts';
import { numberIn } from './item.ts';
import { buriedKey, sentKey } from './keys.ts';
import type { Storage } from './storage.ts';
import { type Item, type Key, keyOf } from './table.ts';

export function createOutboxNoteStore({ table, pipeline }: Storage): OutboxNoteStore {
  return {
    async loadSent(state) {
      const note = await table.get(sentKey(pipeline, state));
      if (note === undefined) return nothingSent;
      return { count: numberIn(note, 'count'), ahead: JSON.parse(note.ahead?.S ?? '[]') as number[] };
    },
    async putSent(state, { count, ahead }) {
      await table.put({ ...noteOf(sentKey(pipeline, state), count), ahead: { S: JSON.stringify(ahead) } });
    },
    async loadBuried(state) {
      const note = await table.get(buriedKey(pipeline, state));
      return note === undefined ? 0 : numberIn(note, 'count');
    },
    async putBuried(state, count) {
      await table.put(noteOf(buriedKey(pipeline, state), count));
    },
  };
}

const noteOf = (key: Key, count: number): Item => ({
  ...keyOf(key),
  v: { N: String(formatVersion) },
  count: { N: String(count) },
});
