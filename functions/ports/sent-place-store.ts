/** Without aggregation: which places of shards a try has had acknowledged, in case it dies. Expires. */
import type { SentNote } from '../core/sent-note.ts';

export type SentPlaceStore = {
  /** The last one of a task stays. It may hold less than it was given. */
  putSentNote(note: SentNote): Promise<void>;
  /** Of this generation, by plans from `from` on. */
  loadSentNotes(of: { readonly generation: number; readonly from: number }): Promise<readonly SentNote[]>;
};
