/** The report of a committed batch, shard by shard, against what the batch contains. */
import type { BatchBody } from '../../../functions/core/model.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import type { Report } from './violation.ts';

export type ContentOfShard = { events: number; bytes: number };

export function checkReport(
  progress: BatchProgress | undefined,
  body: BatchBody,
  content: ReadonlyMap<string, ContentOfShard>,
  { report, isPlain }: { readonly report: Report; readonly isPlain: boolean },
): void {
  const where = `the report of batch ${body.batchId}`;
  if (progress === undefined) {
    report('report', `${where} is not there`);
    return;
  }
  const { counters, perShard = [], perTask = [] } = progress;
  const through = counters.passed ?? counters.counted + counters.late;
  const sum = through + counters.filtered + counters.deadLettered;
  if (counters.read !== sum) report('report', `${where}: ${counters.read} events read, ${sum} accounted for`);
  // The blocks could not be read when it was written: it says nothing of single shards then.
  if (perTask.length === 0 && body.blocks.length > 0) return;
  const left = new Map(content);
  for (const { shardId, records, events, bytes } of perShard) {
    const { events: right, bytes: rightBytes } = left.get(shardId) ?? { events: 0, bytes: 0 };
    left.delete(shardId);
    if (events !== right) report('report', `${where}: ${events} events of ${shardId}; ${right} are in it`);
    if (isPlain && (records !== right || bytes !== rightBytes))
      report(
        'report',
        `${where}: ${records} records of ${bytes} bytes of ${shardId}; ${right} of ${rightBytes} are in it`,
      );
  }
  for (const [shardId, { events }] of left)
    if (events > 0) report('report', `${where} leaves out ${events} events of ${shardId}`);
}

/** What any row of the batch was made with is in it, and what was read was read with some. `versions`: those in rows. */
export function checkReferences(
  progress: BatchProgress | undefined,
  body: BatchBody,
  versions: readonly string[],
  report: Report,
): void {
  const { versions: told = [] } = progress?.references?.table ?? {};
  if (body.blocks.length > 0 && told.length === 0)
    report('report', `the report of batch ${body.batchId} names no version of what it was read with`);
  const missing = versions.filter((version) => !told.includes(version));
  if (missing.length > 0 && told.length < 10)
    report('report', `the report of batch ${body.batchId} lacks versions ${missing}: ${told}`);
}
