/** Dead letters. A repeat is harmless, and nothing of the protocol reads them. */
import type { DeadLetter } from '../core/dead-letter.ts';
import type { Undelivered } from '../sinks/output-sink.ts';

/** Keyed by the record they hold, so that a repeat overwrites itself. */
export type DeadLetterStore = {
  /** Until `deadline`; undefined: every letter is stored. What can't be is told by the answer, not thrown. */
  put(letters: readonly DeadLetter[], deadline: number): Promise<Undelivered | undefined>;
};
