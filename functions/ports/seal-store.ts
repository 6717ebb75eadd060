/** What batches contain, for ever. The head says which of them count. */
import type { BatchBody } from '../core/model.ts';

export type SealStore = {
  /** First write wins; returns the one that is stored. */
  putBody(body: BatchBody): Promise<BatchBody>;
  /** MissingItem if it is absent. */
  loadBody(batchId: number, ref: number): Promise<BatchBody>;
};
