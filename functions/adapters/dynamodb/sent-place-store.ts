/** Sent places: `<pipeline>/sent`, by generation, plan and task. */
import type { SentNote } from '../../core/sent-note.ts';
import type { SentPlaceStore } from '../../ports/sent-place-store.ts';
import { bytesIn, numberIn, textIn } from './item.ts';
import { fields, itemKind, readAs } from './item-kind.ts';
import { padRef, sentNoteKey, sentNotesPartition } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { planDays } from './plan-store.ts';
import { itemOf } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';

const sentPlaces = itemKind<SentNote>('note of sent places', {
  1: fields({ generation: 'number', ref: 'number', task: 'number', shards: 'list' }),
});

export function createSentPlaceStore(storage: Storage): SentPlaceStore {
  const { table, pipeline } = storage;
  return {
    async putSentNote(note) {
      await table.put({
        ...itemOf(sentPlaces, sentNoteKey(pipeline, note), inDays(storage, planDays)),
        data: { B: encodeWithin(note, table.chunkBytes) },
      });
    },
    async loadSentNotes({ generation, from }) {
      const { sk: first } = sentNoteKey(pipeline, { generation, ref: from, task: 0 });
      const where = {
        condition: 'sk BETWEEN :from AND :to',
        values: { ':from': first, ':to': `${padRef(generation)}#~` },
      };
      const notes: SentNote[] = [];
      const pk = sentNotesPartition(pipeline);
      for await (const item of table.query(pk, where)) {
        const saved = { v: numberIn(item, 'v'), json: decode(bytesIn(item, 'data')) };
        notes.push(readAs(sentPlaces, saved, { pk, sk: textIn(item, 'sk') }));
      }
      return notes;
    },
  };
}

/** A note may say less than it could: fewer shards, if all do not fit. */
function encodeWithin(note: SentNote, most: number): Uint8Array {
  for (let { shards } = note; ; shards = shards.slice(0, Math.floor(shards.length / 2))) {
    const bytes = encode({ ...note, shards });
    if (bytes.length <= most || shards.length === 0) return bytes;
  }
}
