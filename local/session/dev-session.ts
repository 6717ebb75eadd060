/**
 * One run of a pipeline on this machine, from starting its servers to stopping them.
 *
 * With events to publish it has two phases: the pipeline runs while they are published, then it is stopped and run again
 * until it has caught up, with windows closed if nothing more will come. Without, there is one phase.
 *
 * SESSION-1 Publishing begins when this run has the lease: by then LATEST stands for a time that is past, and no other
 *    driver has the pipeline. A run that is turned away has published nothing.
 * SESSION-2 Nothing is started before everything that can be checked has been checked.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addCounters, type Counters, noCounts } from '../../functions/core/counters.ts';
import {
  addRows,
  emptyTally,
  mergeTallies,
  noRows,
  type RowCounts,
  type Tally,
} from '../../functions/core/dead-letter-tally.ts';
import type { Request } from '../../functions/core/driver.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import { nextBatchId } from '../../functions/core/head.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { StreamReference } from '../../functions/pipeline/stream.ts';
import { createRuntime, type Log, type Runtime } from '../../functions/steps/runtime.ts';
import { releaseDeadLease } from '../driver/dead-lease.ts';
import { createDriver, type Driver, type RunEnd, type StepWatch } from '../driver/driver.ts';
import type { Executions } from '../driver/executions.ts';
import { checkEvents } from '../publish/check-events.ts';
import { type EventSource, publishTo } from '../publish/publish-source.ts';
import type { BatchReport } from '../report/progress-text.ts';
import type { Summary } from '../report/summary-text.ts';
import { ensureTable } from '../services/checkpoint-table.ts';
import { endClosedShards } from '../services/closed-shards.ts';
import type { Services } from '../services/services.ts';
import { servicesByRole, servicesFor } from '../services/stream-services.ts';
import { createStream, type StreamFacts, targetOf, waitUntilActive } from '../services/streams.ts';
import { type BatchWatch, watchBatches } from './batch-watch.ts';
import type { PipelineInFile } from './isolate.ts';
import { objectsInFolder } from './objects-in-folder.ts';
import { exitOf } from './run-end.ts';
import { type Served, serveUntilTold } from './served-run.ts';
import { type RowsByOutput, ShownRows } from './shown-rows.ts';
import { localSinkOf, sinkOpeners } from './sinks/index.ts';
import type { AroundSink } from './sinks/local-sink.ts';
import { type StartedRuns, startedRuns } from './started-runs.ts';

export type SessionOptions = {
  readonly pipeline: Pipeline;
  /** From where a thread can load it, to run its code apart. */
  readonly pipelineInFile?: PipelineInFile | undefined;
  readonly services: Services;
  readonly table: string;
  /** Of streams that the run makes. */
  readonly shards: number;
  /** Also of those: the largest record. Undefined: what every stream takes, or what one that is there says. */
  readonly maxRecordBytes?: number | undefined;
  readonly events?: EventSource | undefined;
  readonly untilCaughtUp?: boolean;
  /** End after so many batches. */
  readonly batches?: number | undefined;
  readonly stateDirectory?: string | undefined;
  /** By outputs: of those that have no service here what is sent goes there, too. */
  readonly resultsFiles?: ReadonlyMap<string, string>;
  readonly log?: Log | undefined;
  readonly onStep?: StepWatch | undefined;
  /** With it the run ends when it is told to: what has ended before can be started again. */
  readonly served?: Served | undefined;
  /** Aborted: finish the running batch and end. */
  readonly stop: AbortSignal;
  /** Aborted: end at once. */
  readonly abort: AbortSignal;
  readonly onBatch: (report: BatchReport, rows: RowsByOutput | undefined) => void;
  /** Rows are fetched only for those who show them. */
  readonly wantsRows: boolean;
};

/** A consumer that this run registered costs money as long as it is there. One that was there before stays. */
async function leaveConsumer({ runtime, options }: Session): Promise<void> {
  const leaving = runtime.ports.source.consumer?.deregisterOwn().catch((error: unknown) => {
    options.log?.warn('the consumer could not be deregistered', { error: String(error) });
  });
  // A server that is gone must not keep us.
  await Promise.race([leaving, sleep(longestGoodbyeMs, undefined, { ref: false })]);
}

type Session = {
  readonly options: SessionOptions;
  /** What the source stream is reached with. */
  readonly sourceServices: Services;
  readonly runtime: Runtime;
  readonly driver: Driver;
  /** What others have started. */
  readonly started: StartedRuns;
  readonly watch: BatchWatch;
  readonly untilBatch: number | undefined;
  /** Of the source. */
  readonly maxRecordBytes: number;
  published: number | undefined;
  /** Goes on when the pipeline was ended by others. */
  publishing: Promise<unknown> | undefined;
  counters: Counters;
  rows: RowCounts | undefined;
  deadLetters: Tally;
  refusedRows: Tally;
  batches: number;
};

const pollMs = 20;
const isolateEntry = new URL(`./isolate${path.extname(import.meta.url)}`, import.meta.url);
const longestGoodbyeMs = 5_000;

/** Throws a `LocalProblem` unless the run ended as it should. */
export async function runSession(given: SessionOptions): Promise<Summary> {
  const options = given.events === undefined ? given : { ...given, pipeline: followingEvents(given.pipeline) };
  const session = await Promise.race([prepare(options), options.services.failed]);
  const { driver, started, watch } = session;
  const stop = () => void Promise.all([driver.stop(), started.stop()]).catch(() => {});
  const abort = () => {
    driver.abort();
    started.abort();
  };
  options.stop.addEventListener('abort', stop);
  options.abort.addEventListener('abort', abort);
  try {
    if (options.abort.aborted) abort();
    const end = options.stop.aborted ? 'stopped' : await Promise.race([runToEnd(session), options.services.failed]);
    await watch.settled();
    return {
      pipeline: options.pipeline.name,
      batches: session.batches,
      published: session.published ?? 0,
      counters: session.counters,
      rows: session.rows,
      deadLetters: session.deadLetters,
      refusedRows: session.refusedRows,
      end,
    };
  } catch (error) {
    // What was cut off in the middle may fail in any way; that it was cut off is what there is to tell.
    if (options.abort.aborted) return exitOf({ kind: 'aborted' }, options.pipeline.name) as never;
    throw error;
  } finally {
    options.stop.removeEventListener('abort', stop);
    options.abort.removeEventListener('abort', abort);
    abort();
    await leaveConsumer(session);
  }
}

/** A run of what is available now would end before the events are there: beside a publisher it follows the stream. */
const followingEvents = (pipeline: SessionOptions['pipeline']): SessionOptions['pipeline'] => ({
  ...pipeline,
  trigger: { ...pipeline.trigger, availableNow: false },
});

async function prepare(options: SessionOptions): Promise<Session> {
  const { pipeline, services } = options;
  await ensureTable(services.dynamodb, options.table);
  const sourceServices = servicesFor(services, pipeline.source, pipeline.name);
  const { compression } = pipeline.source;
  const { maxRecordBytes: sourceTakes } = await prepareStream(pipeline.source.stream, sourceServices, options);
  const around: AroundSink = {
    servicesFor: servicesByRole(services, pipeline.name),
    prepareStream: (stream, at) => prepareStream(stream, at, options),
  };
  for (const { sink } of pipeline.outputs) await localSinkOf(sink).prepare?.(sink.options, around);
  const { maxRecordBytes = sourceTakes } = options;
  if (options.events !== undefined) await checkEvents(options.events, { compression, maxRecordBytes });
  const shown = new ShownRows();
  const runtime = runtimeOf(options, (output, rows) => shown.add(output, rows));
  const head = await askTable(options, async () => {
    const found = await releaseDeadLease(runtime.ports.head, Date.now());
    if (found?.control === 'stop') await runtime.ports.head.setControl('run');
    return found;
  });
  const session: { -readonly [Name in keyof Session]?: Session[Name] } = {
    options,
    sourceServices,
    maxRecordBytes,
    runtime,
    published: options.events === undefined ? undefined : 0,
    counters: noCounts,
    rows: pipeline.aggregation === undefined ? undefined : noRows,
    deadLetters: emptyTally,
    refusedRows: emptyTally,
    batches: 0,
    untilBatch:
      options.batches === undefined ? undefined : (head === undefined ? 0 : nextBatchId(head)) + options.batches - 1,
  };
  session.watch = watchBatches({
    runtime,
    takeRows: options.wantsRows ? rowsOf(options, around, shown) : undefined,
    ask: (call) => askTable(options, call),
    published: () => session.published,
    onBatch(report, rows) {
      session.batches!++;
      addToTotals(session as Session, report.progress);
      options.onBatch(report, rows);
    },
  });
  const newDriver = (executions: Executions | undefined): Driver =>
    createDriver(runtime, session.watch!.onCommit, { watch: services.watch, onStep: options.onStep, executions });
  const machine = options.served?.machine;
  session.driver = newDriver(machine?.log);
  session.started = startedRuns(newDriver);
  machine?.open((input, execution) => session.started!.run(input as Request, execution, machine.log));
  return session as Session;
}

/** Those that sinks were given to show, then those that are in sinks that can be followed. */
function rowsOf({ pipeline }: SessionOptions, around: AroundSink, shown: ShownRows) {
  const followed = pipeline.outputs.map(
    ({ id, sink }) => [id, localSinkOf(sink).followRows?.(sink.options, around)] as const,
  );
  return async (): Promise<RowsByOutput> => {
    for (const [output, next] of followed) shown.add(output, (await next?.()) ?? []);
    return shown.take();
  };
}

function runtimeOf(options: SessionOptions, show: (output: string, rows: readonly Uint8Array[]) => void): Runtime {
  const { pipeline, services, table } = options;
  return createRuntime(pipeline, {
    table,
    region: services.region,
    kinesisEndpoint: services.kinesisEndpoint,
    dynamodbEndpoint: services.dynamodbEndpoint,
    stateBucket: services.bucket,
    credentials: services.credentials,
    sinks: sinkOpeners(show, options.resultsFiles),
    objects: objectsInFolder,
    // The embedded server slows down with what it holds.
    requestTimeoutMs: 60_000,
    observe: services.watch.observe,
    completeSubscriptions: services.kind === 'embedded' ? endClosedShards : undefined,
    isolate: options.pipelineInFile && { entry: isolateEntry, data: options.pipelineInFile },
    ...(options.log === undefined ? {} : { log: options.log }),
  });
}

function addToTotals(session: Session, { counters, rows, deadLetters = [], refusedRows = [] }: BatchProgress): void {
  session.counters = addCounters(session.counters, counters);
  if (rows !== undefined) session.rows = addRows(session.rows ?? noRows, rows);
  session.deadLetters = mergeTallies([session.deadLetters, deadLetters]);
  session.refusedRows = mergeTallies([session.refusedRows, refusedRows]);
}

/** Embedded servers get the streams that the pipeline names; others must have them. */
async function prepareStream(
  stream: StreamReference,
  services: Services,
  { shards, maxRecordBytes }: SessionOptions,
): Promise<StreamFacts> {
  if (services.kind !== 'embedded' || stream.kind !== 'name')
    return waitUntilActive(services.kinesis, targetOf(stream));
  return createStream(services.kinesis, stream.streamName, shards, maxRecordBytes);
}

async function runToEnd(session: Session): Promise<Summary['end']> {
  const { served, stop, abort } = session.options;
  if (served === undefined) return runPhases(session);
  const ended = () => Promise.all([session.started.ended(), session.publishing]);
  const publishing = () => session.publishing;
  const shown = () => session.watch.settled();
  const end = await serveUntilTold(() => runPhases(session), { ...served, stop, abort, publishing, shown, ended });
  return abort.aborted ? (exitOf({ kind: 'aborted' }, session.options.pipeline.name) as never) : end;
}

async function runPhases(session: Session): Promise<Summary['end']> {
  const { options, untilBatch } = session;
  const limit: Request = untilBatch === undefined ? {} : { untilBatch };
  if (options.events === undefined) {
    const request: Request = { ...limit, ...(options.untilCaughtUp === true ? { untilCaughtUp: true } : {}) };
    return completed(await session.driver.run(request), session);
  }
  const first = await runWhilePublishing(session, limit);
  if (first !== 'published') return first;
  await askTable(options, () => session.runtime.ports.head.setControl('run'));
  // A stop that came since is not forgotten: from here to the run nothing is waited for.
  if (options.stop.aborted) return 'stopped';
  const closeWindows = options.events.isFinite;
  return completed(await session.driver.run({ ...limit, untilCaughtUp: true, closeWindows }), session);
}

/** 'published': everything is out and the pipeline is stopped. Otherwise the run is over. */
async function runWhilePublishing(session: Session, request: Request): Promise<Summary['end'] | 'published'> {
  const { options, driver } = session;
  const stopPublishing = new AbortController();
  const running = driver.run(request);
  const isOver = await Promise.race([running.then(() => true), untilLeased(driver).then(() => false)]);
  if (isOver) return completed(await running, session);
  const publishing = publishTo({
    services: session.sourceServices,
    stream: targetOf(options.pipeline.source.stream),
    source: options.events!,
    compression: options.pipeline.source.compression,
    maxRecordBytes: session.maxRecordBytes,
    stateDirectory: options.stateDirectory,
    signal: AbortSignal.any([options.stop, options.abort, stopPublishing.signal]),
    onPublished(events) {
      session.published = events;
    },
  });
  publishing.catch(() => {});
  const first = await Promise.race([
    publishing.then(
      ({ kind }) => kind,
      () => 'failed',
    ),
    running.then(() => 'over'),
  ]);
  if (first === 'over' && options.served !== undefined) {
    session.publishing = publishing;
    return completed(await running, session);
  }
  const isComplete = first === 'finished';
  if (isComplete) await askTable(options, () => driver.stop());
  stopPublishing.abort();
  const end = await stopped(session, running);
  await publishing;
  const outcome = completed(end, session);
  return isComplete && outcome === 'stopped' && !options.stop.aborted ? 'published' : outcome;
}

async function stopped({ driver, options }: Session, running: Promise<RunEnd>): Promise<RunEnd> {
  await askTable(options, () => driver.stop());
  return running;
}

function completed(end: RunEnd, { options }: Session): Summary['end'] {
  if (options.stop.aborted && end.kind === 'ended') return 'stopped';
  // By StopExecution.
  if (options.served !== undefined && end.kind === 'aborted' && !options.abort.aborted) return 'stopped';
  return exitOf(end, options.pipeline.name, options.services);
}

/** What is asked outside of executions stands by the server as they do, and names it as they do. */
async function askTable<Result>({ services, pipeline }: SessionOptions, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await services.watch.patiently('DynamoDB', ask);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return exitOf({ kind: 'failed', error: error.name, cause: error.message }, pipeline.name, services) as never;
  }
}

/** Ends by itself, too: once the run is over, nobody asks any more. */
async function untilLeased(driver: Driver): Promise<void> {
  while (driver.isRunning() && !(await driver.hasLease().catch(() => false))) await sleep(pollMs);
}
