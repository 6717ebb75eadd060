/** `sluice start`, `stop` and `status`: start through Step Functions, the others through the table of checkpoints. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { clientConfig, createRequestHandler } from '../functions/adapters/aws-client.ts';
import { createHeadStore } from '../functions/adapters/dynamodb/head-store.ts';
import { createReportStore } from '../functions/adapters/dynamodb/report-store.ts';
import { openStorage } from '../functions/adapters/dynamodb/storage.ts';
import { Table } from '../functions/adapters/dynamodb/table.ts';
import type { Counters } from '../functions/core/counters.ts';
import type { Tally } from '../functions/core/dead-letter-tally.ts';
import { type HeldLease, heldAt, isHeld, unfinished } from '../functions/core/head.ts';
import { endOfTime, type Head } from '../functions/core/model.ts';
import type { BatchProgress } from '../functions/core/progress-report.ts';
import { mainSource } from '../functions/pipeline/sources.ts';
import type { HeadStore } from '../functions/ports/head-store.ts';
import type { Stores } from '../functions/ports/ports.ts';
import { systemClock } from '../functions/steps/runtime.ts';
import { LocalProblem } from '../local/local-problem.ts';
import { exampleText, mostFirst } from '../local/report/letter-text.ts';
import { executorText, number, originText, outputTexts, rowReconciliation } from '../local/report/progress-text.ts';
import { shardTable } from '../local/report/shard-text.ts';
import { localCredentials } from '../local/services/clients.ts';
import type { Flags } from './flags.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export const requestTimeoutMs = 10_000;

export async function start(options: Flags): Promise<void> {
  const stateMachineArn = textOf(options, 'stateMachine');
  const pipeline = textOf(options, 'pipeline');
  const problems = [
    ...(stateMachineArn === undefined
      ? ['--state-machine: its ARN is needed (a local pipeline is started by `npx sluice dev`)']
      : []),
    ...(pipeline === undefined ? ['--pipeline: its name is needed'] : []),
  ];
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
  const { head } = openStores(options, pipeline!);
  // A pipeline that was told to stop would end at once.
  const before = await head.load();
  const held = before && heldAt(before, Date.now());
  if (held !== undefined) throw leaseHeld(before!.pipeline, held);
  if (before?.control === 'stop') await head.setControl('run');
  const client = new SFNClient({ requestHandler: createRequestHandler(requestTimeoutMs), ...clientSettings(options) });
  const answer = await client.send(new StartExecutionCommand({ stateMachineArn: stateMachineArn!, input: '{}' }));
  const execution = answer.executionArn ?? '';
  print(options.json === true ? JSON.stringify({ pipeline, execution }) : `${pipeline} was started: ${execution}`);
}

/** An execution started now would end at once, with success: nobody would notice that it did nothing. */
function leaseHeld(pipeline: string, { execution, until }: HeldLease): LocalProblem {
  return new LocalProblem(
    'another-driver',
    `Pipeline ${pipeline} is held by ${execution} until ${new Date(until).toISOString()}. If that driver is gone, start again after this time.`,
  );
}

export async function stop(options: Flags): Promise<void> {
  const pipeline = requirePipelineName(options);
  const { head } = openStores(options, pipeline);
  await requireHead(head, pipeline);
  await head.setControl('stop');
  print(
    options.json === true ? JSON.stringify({ pipeline, control: 'stop' }) : `${pipeline} ends after its running batch.`,
  );
}

export async function status(options: Flags): Promise<void> {
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
    ...(table === undefined ? [] : [table]),
  ].join('\n');
}

/** Of a source that drops repeats. */
const repeatsText = ({ repeated, unidentified = 0 }: BatchProgress): string =>
  repeated === undefined ? '' : `; ${number(repeated)} repeated, ${number(unidentified)} without an identity`;

/** Of a pipeline with `flatMap`: what is counted and late are elements. */
const passedText = ({ passed }: Counters): string => (passed === undefined ? '' : `passed ${number(passed)}, `);

function lettersText(title: string, tally: Tally = []): string[] {
  return mostFirst(tally).map((each) => `${title.padEnd(10)} ${number(each.count)} × ${exampleText(each)}`);
}

async function requireHead(store: HeadStore, pipeline: string): Promise<Head> {
  const head = await store.load();
  if (head === undefined) throw new LocalProblem('usage', `Pipeline ${pipeline} has never run on this table.`);
  return head;
}

export function openTable(options: Flags): Table {
  const client = new DynamoDBClient({
    requestHandler: createRequestHandler(requestTimeoutMs),
    ...clientSettings(options),
  });
  return new Table(client, textOf(options, 'table') ?? 'sluice', systemClock);
}

function openStores(options: Flags, pipeline: string): Pick<Stores, 'head' | 'reports'> {
  const table = openTable(options);
  return {
    head: createHeadStore(table, pipeline),
    reports: createReportStore(openStorage({ table, pipeline, clock: systemClock, newId: randomUUID })),
  };
}

export function clientSettings(options: Flags) {
  const profile = textOf(options, 'profile');
  const endpointUrl = textOf(options, 'endpointUrl');
  const region = textOf(options, 'region');
  return {
    ...clientConfig({ region, endpointUrl }),
    ...(profile === undefined ? {} : { profile }),
    ...(profile === undefined && isHere(endpointUrl)
      ? { credentials: localCredentials, region: region ?? 'us-east-1' }
      : {}),
  };
}

/** A server on this machine checks no signature, and nobody's keys are sent to it. */
function isHere(endpointUrl: string | undefined): boolean {
  return endpointUrl !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpointUrl).hostname);
}

export function requirePipelineName(options: Flags): string {
  const name = textOf(options, 'pipeline');
  if (name === undefined) throw new LocalProblem('usage', '--pipeline: its name is needed');
  return name;
}

export function textOf(options: Flags, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
