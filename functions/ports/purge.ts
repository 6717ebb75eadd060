/** What nobody can reach any more goes. */

/** Deletes items of batches below `horizon`, as many as there is time for; idempotent, by anyone, at any time. */
export type Purge = (purge: {
  readonly horizon: number;
  /** Batches below were purged already. */
  readonly from: number;
  readonly parallelism: number;
  /** Tasks that a batch has at most. */
  readonly tasks: number;
  /** Epoch ms after which nothing more is looked for. */
  readonly deadline: number;
}) => Promise<{ readonly deleted: number; readonly purgedBelow: number }>;
