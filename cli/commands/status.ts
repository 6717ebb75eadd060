/** `sluice status`: the head of a pipeline, and the report of its last batch. */
import type { Counters } from '../../functions/core/counters.ts';
import type { Tally } from '../../functions/core/dead-letter-tally.ts';
import { heldAt, isHeld, unfinished } from '../../functions/core/head.ts';
import { endOfTime, type Head } from '../../functions/core/model.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import { mainSource } from '../../functions/pipeline/sources.ts';
import { exampleText, mostFirst } from '../../local/report/letter-text.ts';
import {
  executorText,
  number,
  originText,
  outputTexts,
  rowReconciliation,
  stepsText,
} from '../../local/report/progress-text.ts';
import { shardTable } from '../../local/report/shard-text.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { requirePipelineName } from '../option-values.ts';
import { print } from '../print.ts';
import { openStores, requireHead } from '../table-access.ts';
import { atTable } from '../table-options.ts';

export const addStatus: AddCommand = (program) => {
  atTable(program.command('status').description('show how far a pipeline is'))
    .option(
      '--verbose',
      'list the steps and the shards of the last batch, the worst shards first; show where an error came from',
    )
    .action(async (options: Flags) => status(options));
};

async function status(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const stores = openStores(options, pipeline);
  const head = await requireHead(stores.head, pipeline);
  const { committed } = head;
  const progress =
    committed === undefined ? undefined : await stores.reports.loadProgress(committed.batchId, committed.ref);
  if (options.json === true) print(JSON.stringify(statusObject(head, progress)));
  else print(statusText(head, progress, options.verbose === true));
}

function stateOf(head: Head): 'running' | 'stopping' | 'stopped' | 'not running' {
  const isRunning = isHeld(head, Date.now());
  if (head.control === 'stop') return isRunning ? 'stopping' : 'stopped';
  return isRunning ? 'running' : 'not running';
}

const noHolder = { execution: null, lease: { kind: 'released' } } as const;

function statusObject(head: Head, progress: BatchProgress | undefined): Record<string, unknown> {
  const { pipeline, generation, epoch, holder, committed, sealed, control, sources } = head;
  const { execution, lease } = holder ?? noHolder;
  return {
    pipeline,
    state: stateOf(head),
    control,
    execution,
    leaseUntil: lease.kind === 'held' ? new Date(lease.until).toISOString() : null,
    generation,
    epoch,
    committedBatch: committed?.batchId ?? null,
    sealedBatch: sealed?.batchId ?? null,
    stream: sources[mainSource].stream.arn,
    lastBatch: progress ?? null,
  };
}

function statusText(head: Head, progress: BatchProgress | undefined, isVerbose: boolean): string {
  const { committed } = head;
  const left = unfinished(head);
  const held = heldAt(head, Date.now());
  const lines = [
    `pipeline   ${head.pipeline}`,
    `state      ${stateOf(head)}`,
    `driver     ${head.holder?.execution ?? 'none'}${held === undefined ? '' : `, lease until ${new Date(held.until).toISOString()}`}`,
    `stream     ${head.sources[mainSource].stream.arn}`,
    `committed  ${committed === undefined ? 'nothing yet' : `batch ${committed.batchId}`}${left === undefined ? '' : `; batch ${left.batchId} is sealed`}`,
  ];
  if (progress === undefined) return lines.join('\n');
  const { counters, shards, millisBehindLatest, watermark, committedAt, perTask = [] } = progress;
  const table = isVerbose ? shardTable(progress) : undefined;
  return [
    ...lines,
    `at         ${new Date(committedAt).toISOString()}`,
    ...(progress.origin === undefined ? [] : [`origin     ${originText(progress.origin)}`]),
    `shards     ${shards.open} open, ${shards.waiting} waiting, ${shards.ended} ended, ${shards.failed} failed` +
      (progress.failedTasks > 0 ? `; ${progress.failedTasks} tasks failed as a whole` : ''),
    `behind     ${(millisBehindLatest / 1000).toFixed(1)} s`,
    `executors  ${executorText(perTask)}`,
    `watermark  ${watermark === null ? 'none' : watermark === endOfTime ? 'at the end' : new Date(watermark).toISOString()}`,
    `last batch read ${number(counters.read)}, ${passedText(counters)}counted ${number(counters.counted)}, filtered ${number(counters.filtered)}, ` +
      `late ${number(counters.late)}, dead-lettered ${number(counters.deadLettered)}, emitted ${number(counters.emitted)}` +
      (progress.resentElsewhere > 0 ? `; ${number(progress.resentElsewhere)} of other shards left out` : '') +
      repeatsText(progress),
    ...(progress.rows === undefined ? [] : [`rows       ${rowReconciliation(progress.rows)}`]),
    ...outputTexts(progress.outputs).map((text) => `output     ${text}`),
    ...lettersText('dead', progress.deadLetters),
    ...lettersText('refused', progress.refusedRows),
    ...(isVerbose ? stepLines(progress) : []),
    ...(table === undefined ? [] : [table]),
  ].join('\n');
}

/** Of a batch whose times somebody knows. */
const stepLines = ({ steps }: BatchProgress): readonly string[] =>
  steps === undefined ? [] : [`steps      ${stepsText(steps)}`];

/** Of a source that drops repeats. */
const repeatsText = ({ repeated, unidentified = 0 }: BatchProgress): string =>
  repeated === undefined ? '' : `; ${number(repeated)} repeated, ${number(unidentified)} without an identity`;

/** Of a pipeline with `flatMap`: what is counted and late are elements. */
const passedText = ({ passed }: Counters): string => (passed === undefined ? '' : `passed ${number(passed)}, `);

function lettersText(title: string, tally: Tally = []): string[] {
  return mostFirst(tally).map((each) => `${title.padEnd(10)} ${number(each.count)} × ${exampleText(each)}`);
}
