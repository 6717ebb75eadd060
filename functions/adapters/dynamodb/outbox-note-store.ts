/** Notes beside states: `…#sent`, `…#buried`. */
import type { SentOutboxes } from '../../core/sent-outbox.ts';
import type { OutboxNoteStore } from '../../ports/outbox-note-store.ts';
import { numberIn } from './item.ts';
import { attributes, checkVersion, type ItemKind, itemKind } from './item-kind.ts';
import { buriedKey, sentKey } from './keys.ts';
import { itemOf } from './saved-value.ts';
import type { Storage } from './storage.ts';
import type { Item, Key } from './table.ts';

const sent = itemKind('note of what was sent', { 1: attributes });
const buried = itemKind('note of refused rows', { 1: attributes });

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
    async loadBuried(state) {
      const note = await load(buried, buriedKey(pipeline, state));
      return note === undefined ? 0 : numberIn(note, 'count');
    },
    async putBuried(state, count) {
      await table.put({ ...itemOf(buried, buriedKey(pipeline, state)), count: { N: String(count) } });
    },
  };
}
