/** Time and chance, as arguments of everything that needs them. */

export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
  /** Ends early, without an error, when `cut` is aborted. */
  sleep(ms: number, cut?: AbortSignal): Promise<void>;
};

/** Chance comes through here: a text that no other call, process or machine returns. */
export type NewId = () => string;

/** For pauses only: from 0 to less than 1. */
export type Random = () => number;
