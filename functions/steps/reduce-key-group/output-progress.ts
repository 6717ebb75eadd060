/** How far a try has come with what is stored for one output. */
import type { SentOutbox } from '../../core/sent-outbox.ts';

/** And why no further, if it did not come to the end. */
export type OutputProgress = {
  readonly output: string;
  readonly length: number;
  /** Up to which of its records each step goes. */
  readonly ends: readonly number[];
  before: SentOutbox;
  sent: SentOutbox;
  why?: string;
  /** The name of the error that it ended with. */
  error?: string;
  /** How long it was being sent to. */
  ms?: number;
  /** Another try is worth it from then on. */
  until?: number;
};
