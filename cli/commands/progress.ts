/** `sluice progress`: a line for each committed batch, of a pipeline that runs wherever. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { progressLine, progressObject } from '../../local/report/progress-text.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { requirePipelineName, wholeNumber } from '../option-values.ts';
import { type KnownPipeline, lastReports, openKnown, reportsBetween } from '../pipeline-facts.ts';
import { print } from '../print.ts';
import { untilInterrupted } from '../stream/until-interrupted.ts';
import { openTable, requireHead } from '../table-access.ts';
import { atTable, verbose } from '../table-options.ts';

const defaultLast = 10;
/** A read of one small item each time. */
const everyMs = 2_000;

export const addProgress: AddCommand = (program) => {
  const description = 'show what the last batches did, and with --follow each that comes';
  atTable(program.command('progress').description(description), 'print one JSON object for each batch')
    .option('--last <n>', `of the last so many batches (default: ${defaultLast})`)
    .option('--follow', 'go on with each batch that is committed, until Ctrl-C')
    .option(...verbose)
    .addHelpText(
      'after',
      `
Examples:
  npx sluice progress --pipeline departures --table <TableName> --last 3
  npx sluice progress --pipeline departures --table <TableName> --follow --json | jq .records`,
    )
    .action(async (options: Flags) => progress(options));
};

async function progress(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const problems: string[] = [];
  const last = wholeNumber('last', options, problems, { from: 1, upTo: 10_000 }) ?? defaultLast;
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
  const known = openKnown(openTable(options), undefined, pipeline);
  const { committed } = await requireHead(known.head, pipeline);
  // Each says how long ago the one before it was.
  const reports = (await lastReports(known.storage, { committed }, last + 1)).toReversed();
  const shown = reports.slice(-last);
  let before = reports.length > last ? reports[reports.length - last - 1] : undefined;
  for (const report of shown) before = show(report, before, options);
  if (options.follow === true) await follow(known, { from: (committed?.batchId ?? -1) + 1, before }, options);
}

function show(report: BatchProgress, before: BatchProgress | undefined, options: Flags): BatchProgress {
  const seconds = before === undefined ? 0 : (report.committedAt - before.committedAt) / 1_000;
  const given = { progress: report, seconds, published: undefined };
  print(options.json === true ? JSON.stringify(progressObject(given)) : progressLine(given));
  return report;
}

async function follow(
  { head: store, storage }: KnownPipeline,
  { from, before }: { readonly from: number; readonly before: BatchProgress | undefined },
  options: Flags,
): Promise<void> {
  let next = from;
  let last = before;
  await untilInterrupted(async (signal) => {
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const { committed } = await requireHead(store, storage.pipeline);
      if (committed === undefined || committed.batchId < next) continue;
      for (const report of await reportsBetween(storage, next, committed)) last = show(report, last, options);
      next = committed.batchId + 1;
    }
  });
}
