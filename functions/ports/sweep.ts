/** What lies in the bucket and nothing names goes. */

/**
 * Deletes objects of batches below `below` that are old and that no item names, as many as there is time for; once a day, and at once where
 * that was begun. Idempotent, by anyone, at any time.
 */
export type Sweep = (sweep: {
  /** All batches below were purged. */
  readonly below: number;
  /** Epoch ms after which nothing more is looked for. */
  readonly deadline: number;
}) => Promise<{ readonly deleted: number }>;
