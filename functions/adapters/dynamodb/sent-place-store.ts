/** Sent places: `<pipeline>/sent`, by generation, plan and task. */
import { formatVersion } from '../../core/model.ts';
import type { SentNote } from '../../core/sent-note.ts';
import type { SentPlaceStore } from '../../ports/sent-place-store.ts';
import { bytesIn } from './item.ts';
import { padRef, sentNoteKey, sentNotesPartition } from './keys.ts';
import { decode, encode } from './packed-json.ts';
import { planDays } from './plan-store.ts';
import { inDays, type Storage } from './storage.ts';
import { keyOf } from './table.ts';

export function createSentPlaceStore(storage: Storage): SentPlaceStore {
  const { table, pipeline } = storage;
  return {
    async putSentNote(note) {
      await table.put({
        ...keyOf(sentNoteKey(pipeline, note)),
        v: { N: String(formatVersion) },
        expires: { N: String(inDays(storage, planDays)) },
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
      for await (const item of table.query(sentNotesPartition(pipeline), where))
        notes.push(decode<SentNote>(bytesIn(item, 'data')));
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
