/** What a reduce goes by where a pipeline does not group: there are no windows, and what its blocks carry is all there is. */
import type { Aggregation } from '../pipeline/pipeline.ts';
import { perMicroBatchKind } from '../windows/per-micro-batch.ts';

export const nothingGrouped: Aggregation = Object.freeze({
  keys: [],
  window: { kind: perMicroBatchKind, options: {} },
  aggregates: [],
  rowOperations: [],
});
