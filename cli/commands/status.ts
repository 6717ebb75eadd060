/** `sluice status`: what is wrong with a pipeline, its head, and the report of its last batch. */
import type { Counters } from '../../functions/core/counters.ts';
import type { Tally } from '../../functions/core/dead-letter-tally.ts';
import { heldAt, isHeld, unfinished } from '../../functions/core/head.ts';
import { endOfTime, type Head } from '../../functions/core/model.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import { type StandOfRedrive, standOfRedrive } from '../../functions/core/redrive.ts';
import { findingsOf } from '../../functions/findings/index.ts';
import { mainSource } from '../../functions/pipeline/sources.ts';
import { findingLines } from '../../local/report/finding-text.ts';
import { exampleText, mostFirst, redriveText } from '../../local/report/letter-text.ts';
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
import { bucketOf } from '../local-state.ts';
import { requirePipelineName } from '../option-values.ts';
import { loadFacts, openKnown } from '../pipeline-facts.ts';
import { print } from '../print.ts';
import { openTable } from '../table-access.ts';
import { atTable, withBucket } from '../table-options.ts';

export const addStatus: AddCommand = (program) => {
  withBucket(atTable(program.command('status').description('show how far a pipeline is, and what is wrong with it')))
    .option(
      '--verbose',
      'list the steps and the shards of the last batch, the worst shards first; show where an error came from',
    )
    .addHelpText(
      'after',
      `
What is wrong comes first: what it is about, why, and what to do. The exit code is 0 all the same.

Examples:
  npx sluice status --pipeline departures --table <TableName>
  npx sluice status --pipeline departures --table <TableName> --json | jq '.findings[] | select(.severity == "critical")'`,
    )
    .action(async (options: Flags) => status(options));
};

async function status(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const facts = await loadFacts(openKnown(openTable(options), bucketOf(options), pipeline));
  const { head, reports } = facts;
  const findings = findingsOf(facts);
  const progress = reports.find(
    ({ batchId, ref }) => batchId === head.committed?.batchId && ref === head.committed.ref,
  );
  const redrive = standOfRedrive(head, progress, facts.now);
  if (options.json === true)
    print(JSON.stringify({ ...statusObject(head, progress), redrive: redrive ?? null, findings }));
  else
    print(
      [...findingLines(findings), statusText(head, progress, options.verbose === true), ...redriveLines(redrive)].join(
        '\n',
      ),
    );
}

const redriveLines = (redrive: StandOfRedrive | undefined): readonly string[] =>
  redrive === undefined ? [] : [`redrive    ${redriveText(redrive)}`];

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
