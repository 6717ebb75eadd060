/** Sees every batch that a run commits, in order, beside the loop: showing it does not hold up the next batch. */
import type { Runtime } from '../../functions/steps/runtime.ts';
import type { CommittedBatch } from '../driver/driver.ts';
import type { BatchReport } from '../report/progress-text.ts';
import type { RowsByOutput } from './shown-rows.ts';

export type BatchWatch = {
  onCommit(batch: CommittedBatch): void;
  /** All batches seen so far were reported. Throws what went wrong with one. */
  settled(): Promise<void>;
};

export function watchBatches(options: {
  readonly runtime: Runtime;
  /** What came into the outputs since the last call; absent: nobody shows it. */
  readonly takeRows: (() => Promise<RowsByOutput>) | undefined;
  /** Calls the table. */
  readonly ask: <Result>(call: () => Promise<Result>) => Promise<Result>;
  readonly published: () => number | undefined;
  readonly onBatch: (report: BatchReport, rows: RowsByOutput | undefined) => void;
}): BatchWatch {
  const { runtime, takeRows } = options;
  let last: Promise<void> = Promise.resolve();
  let before = Date.now();
  const report = async ({ batchId, ref }: CommittedBatch): Promise<void> => {
    const progress = await options.ask(() => runtime.ports.reports.loadProgress(batchId, ref));
    if (progress === undefined) return;
    const rows = await takeRows?.();
    const seconds = (progress.committedAt - before) / 1000;
    before = progress.committedAt;
    options.onBatch({ progress, seconds, published: options.published() }, rows);
  };
  return {
    onCommit(batch) {
      last = last.then(() => report(batch));
      // Kept for `settled`.
      last.catch(() => {});
    },
    settled: () => last,
  };
}
