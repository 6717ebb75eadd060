/** Reports of committed batches, for people. Nothing of the protocol reads them; they expire. */
import type { BatchProgress } from '../core/progress-report.ts';

export type ReportStore = {
  /** First write wins. */
  putProgress(progress: BatchProgress): Promise<void>;
  loadProgress(batchId: number, ref: number): Promise<BatchProgress | undefined>;
};
