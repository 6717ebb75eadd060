/** How far the output of a stored state has come. The last note stays; one may say less than is true, never more. */
import type { SentOutboxes } from '../core/sent-outbox.ts';
import type { StateName } from './state-store.ts';

export type OutboxNoteStore = {
  /** What of the stored outbox is known to be acknowledged, by output: nothing if nothing was noted. */
  loadSent(state: StateName): Promise<SentOutboxes>;
  putSent(state: StateName, sent: SentOutboxes): Promise<void>;
  /** How many of its refused rows, from the first, are stored as dead letters. 0 if nothing was noted. */
  loadRefused(state: StateName): Promise<number>;
  putRefused(state: StateName, count: number): Promise<void>;
};
