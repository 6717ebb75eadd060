/** Which events an executor was about to give to user code: who reads it asks what a task died of. Expires. */
import type { DeathNote } from '../core/suspicions.ts';

export type DeathNoteStore = {
  /** The last one of a task stays. It is stored when the call returns, whatever kills the function then. */
  putNote(ref: number, task: number, note: DeathNote): Promise<void>;
  loadNote(ref: number, task: number): Promise<DeathNote | undefined>;
};
