/** What batches contain, for ever. The head says which of them count. */
import type { BatchBody, BatchName, SealedBatch } from '../core/model.ts';

export type SealStore = {
  /** First write wins; returns the one that is stored. `previous`: of the batch before, whose parts it may go on naming. */
  putBody(body: BatchBody, previous?: BatchBody): Promise<BatchBody>;
  /** MissingItem if it is absent, or not whole. */
  loadBody(batchId: number, ref: number): Promise<BatchBody>;
  /** Of all batches in these, both included, whichever of their tries counts: those whose bodies are there. */
  bodiesIn(batches: { readonly from: number; readonly upTo: number }): Promise<readonly BatchName[]>;
  /** Without its checkpoints, which are not read; MissingItem if it is absent. */
  loadSealed(batchId: number, ref: number): Promise<SealedBatch>;
};
