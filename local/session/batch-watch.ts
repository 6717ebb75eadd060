/** Sees every batch that a run commits, in order, beside the loop: showing it does not hold up the next batch. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Runtime } from '../../functions/steps/runtime.ts';
import type { CommittedBatch } from '../driver/driver.ts';
import type { BatchReport } from '../report/progress-text.ts';
import { followStream } from '../services/stream-reader.ts';
import { targetOf } from '../services/streams.ts';
import type { DevelopmentSinks } from './development-sinks.ts';

export type BatchWatch = {
  onCommit(batch: CommittedBatch): void;
  /** All batches seen so far were reported. Throws what went wrong with one. */
  settled(): Promise<void>;
};

export function watchBatches(options: {
  readonly runtime: Runtime;
  readonly client: KinesisClient;
  readonly sinks: DevelopmentSinks;
  /** Calls the table. */
  readonly ask: <Result>(call: () => Promise<Result>) => Promise<Result>;
  readonly wantsRows: boolean;
  readonly published: () => number | undefined;
  readonly onBatch: (report: BatchReport, rows: readonly Uint8Array[] | undefined) => void;
}): BatchWatch {
  const { runtime, sinks } = options;
  const nextRows = rowsSince(options);
  let last: Promise<void> = Promise.resolve();
  let before = Date.now();
  const report = async ({ batchId, ref }: CommittedBatch): Promise<void> => {
    const progress = await options.ask(() => runtime.ports.reports.loadProgress(batchId, ref));
    if (progress === undefined) return;
    const fromConsole = sinks.takeRows();
    const rows = options.wantsRows ? [...fromConsole, ...(await nextRows())] : undefined;
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

function rowsSince({ runtime, client, wantsRows }: { runtime: Runtime; client: KinesisClient; wantsRows: boolean }) {
  const sink = runtime.pipeline.outputs[0]?.sink;
  if (!wantsRows || sink?.kind !== 'kinesis') return async () => [];
  const follower = followStream(client, targetOf(sink.stream), { kind: 'at-timestamp', timestamp: Date.now() });
  return async () => (await follower.next()).map(({ data }) => data);
}
