/** Notes beside states: `…#sent`, `…#refused`. */
import type { SentOutboxes } from '../../core/sent-outbox.ts';
import type { OutboxNoteStore } from '../../ports/outbox-note-store.ts';
import { numberIn } from './item.ts';
import { attributes, checkVersion, type ItemKind, itemKind } from './item-kind.ts';
import { refusedKey, sentKey } from './keys.ts';
import { itemOf } from './saved-value.ts';
import type { Storage } from './storage.ts';
import type { Item, Key } from './table.ts';

const sent = itemKind('note of what was sent', { 1: attributes });
const refused = itemKind('note of refused rows', { 1: attributes });

export function createOutboxNoteStore({ table, pipeline }: Storage): OutboxNoteStore {
  const load = async (kind: ItemKind<unknown>, key: Key): Promise<Item | undefined> => {
    const note = await table.get(key);
    if (note !== undefined) checkVersion(kind, note, key);
    return note;
  };
  return {
    async loadSent(state) {
      const note = await load(sent, sentKey(pipeline, state));
      return note === undefined ? {} : (JSON.parse(note.outputs?.S ?? '{}') as SentOutboxes);
    },
    async putSent(state, outputs) {
      await table.put({ ...itemOf(sent, sentKey(pipeline, state)), outputs: { S: JSON.stringify(outputs) } });
    },
    async loadRefused(state) {
      const note = await load(refused, refusedKey(pipeline, state));
      return note === undefined ? 0 : numberIn(note, 'count');
    },
    async putRefused(state, count) {
      await table.put({ ...itemOf(refused, refusedKey(pipeline, state)), count: { N: String(count) } });
    },
  };
}
