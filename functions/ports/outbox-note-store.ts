/** How far the output of a stored state has come. The last note stays; one may say less than is true, never more. */
import type { SentOutbox } from '../core/sent-outbox.ts';
import type { StateName } from './state-store.ts';

export type OutboxNoteStore = {
  /** What of the stored outbox is known to be acknowledged: nothing if nothing was noted. */
  loadSent(state: StateName): Promise<SentOutbox>;
  putSent(state: StateName, sent: SentOutbox): Promise<void>;
  /** How many of its refused rows, from the first, are stored as dead letters. 0 if nothing was noted. */
  loadBuried(state: StateName): Promise<number>;
  putBuried(state: StateName, count: number): Promise<void>;
};
