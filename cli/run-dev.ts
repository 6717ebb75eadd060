/** `sluice dev`: a user's pipeline on this machine. */
import { Console } from 'node:console';
import { Table } from '../functions/adapters/dynamodb/table.ts';
import { surviveRejections } from '../functions/adapters/left-behind.ts';
import { filesADay, filesText } from '../functions/pipeline/files-a-day.ts';
import { consumerNameOf } from '../functions/pipeline/pipeline.ts';
import { systemClock } from '../functions/steps/runtime.ts';
import { exitCodes, LocalProblem } from '../local/local-problem.ts';
import { type OpenPage, openPage } from '../local/page/open-page.ts';
import { exampleText } from '../local/report/letter-text.ts';
import { type BatchReport, number, progressLine, progressObject } from '../local/report/progress-text.ts';
import { sideRows } from '../local/report/side-rows.ts';
import { isAllLost, type Summary, summaryLines } from '../local/report/summary-text.ts';
import { tableOfRows } from '../local/report/text-table.ts';
import { isOfOutput, withVersionTexts } from '../local/report/version-text.ts';
import { openServices, type Services } from '../local/services/services.ts';
import { servicesByRole } from '../local/services/stream-services.ts';
import { runSession } from '../local/session/dev-session.ts';
import { type Heartbeat, startHeartbeat } from '../local/session/heartbeat.ts';
import { placeAt } from '../local/session/place-at.ts';
import { toJsonLine } from '../local/session/results-file.ts';
import type { RowsByOutput } from '../local/session/shown-rows.ts';
import { localSinkOf } from '../local/session/sinks/index.ts';
import { occupyStateDirectory } from '../local/session/state-directory.ts';
import { checkDevSettings, type DevSettings } from './dev-settings.ts';
import type { Flags } from './flags.ts';
import { print, say } from './print.ts';
import { type DevEndpoint, openDevEndpoint, sayIdle } from './step-functions.ts';
import { verboseLog } from './verbose-log.ts';
import { hearOrders, sayLastWord } from './watch/watched-run.ts';

type Output = { readonly isJson: boolean; readonly isVerbose: boolean };

const maxRowsShown = 20;

/** Returns the exit code, or throws the reason for another one. */
export async function dev(file: string, options: Flags, environment: NodeJS.ProcessEnv): Promise<number> {
  const output: Output = { isJson: options.json === true, isVerbose: options.verbose === true };
  // Whatever the pipeline's own code prints must not come between the objects.
  if (output.isJson) globalThis.console = new Console(process.stderr, process.stderr);
  const checked = await checkDevSettings(file, options, environment);
  if (checked.kind === 'invalid') {
    for (const problem of checked.problems) say(problem);
    return exitCodes.usage;
  }
  try {
    return await devChecked(checked.settings, output, environment);
  } catch (error) {
    sayLastWord({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

async function devChecked(settings: DevSettings, output: Output, environment: NodeJS.ProcessEnv): Promise<number> {
  const release = settings.stateDirectory === undefined ? undefined : occupyStateDirectory(settings.stateDirectory);
  const signals = watchSignals();
  const forget = surviveRejections((text, { error, at }) => say(`Warning: ${text} (${error}${placeOf(at)}).`));
  try {
    const services = await openServices(environment, settings.stateDirectory, { say });
    try {
      const page = settings.page === undefined ? undefined : await openDevPage(services, settings, settings.page);
      try {
        const endpoint = await openDevEndpoint(services, settings);
        try {
          return await runOn(services, settings, { signals, output, page, endpoint });
        } finally {
          await endpoint?.close();
        }
      } finally {
        await page?.close();
      }
    } finally {
      await services.close();
    }
  } finally {
    forget();
    signals.close();
    release?.();
  }
}

const placeOf = (at: unknown): string => (Array.isArray(at) && at.length > 0 ? ` ${String(at[0]).trim()}` : '');

/** Servers of this run keep what it reads: the page reads their table, as it reads a deployed one. */
async function openDevPage(
  services: Services,
  { pipeline, table }: DevSettings,
  { port }: NonNullable<DevSettings['page']>,
): Promise<OpenPage> {
  const page = await openPage({
    ...{ pipeline: pipeline.name, mode: 'run', port, definition: pipeline },
    ...{ table: new Table(services.dynamodb, table, systemClock), bucket: services.bucket },
  });
  say(`Page: ${page.address}`);
  return page;
}

type Around = {
  readonly signals: Signals;
  readonly output: Output;
  readonly page: OpenPage | undefined;
  readonly endpoint: DevEndpoint | undefined;
};

async function runOn(services: Services, settings: DevSettings, around: Around): Promise<number> {
  const { signals, output, page, endpoint } = around;
  say(`Kinesis at ${services.kinesisEndpoint}, DynamoDB at ${services.dynamodbEndpoint}.`);
  const { pipeline, table } = settings;
  const place = `--pipeline ${pipeline.name} --table ${table} --endpoint-url ${endpoint?.address ?? services.dynamodbEndpoint}`;
  say(`While it runs: npx sluice status ${place}, or stop or dead-letters list in the place of status.`);
  if (endpoint !== undefined)
    say(`After it was stopped: npx sluice start ${place} --state-machine ${endpoint.machine.log.stateMachineArn}`);
  const here = atServices(settings, services);
  refuseLoop(here);
  if (services.kind === 'embedded' && rolesOf(pipeline).length > 0) {
    say(`Not assumed on servers of this run: ${rolesOf(pipeline).join(', ')}.`);
  }
  for (const output of pipeline.outputs.filter(({ files }) => files !== undefined))
    say(filesText(output.id, filesADay(pipeline, output)));
  const shownReasons = new Set<string>();
  const summary = await runSession({
    ...settings,
    services,
    pipeline: here,
    log: output.isVerbose ? verboseLog(say) : undefined,
    onStep(name, what, error) {
      signals.onStep(name, what);
      page?.onStep(name, what, error);
    },
    served: endpoint && { machine: endpoint.machine, onIdle: sayIdle },
    stop: signals.stop,
    abort: signals.abort,
    wantsRows: !output.isJson,
    onBatch: (report, rows) => {
      page?.onBatch(report.progress.batchId, rows && parsedRows(rows));
      showBatch(report, rows, settings, output);
      showNewReasons(report, shownReasons);
    },
  });
  await saveResults(services, { ...settings, pipeline: here });
  sayLastWord({ kind: 'ended', end: summary.end });
  showSummary(summary, settings, output);
  return 0;
}

/** Streams of two accounts or regions may have one name, and here they would be one. */
function refuseLoop({ source, outputs }: DevSettings['pipeline']): void {
  const loop = outputs.map(({ sink }) => localSinkOf(sink).nameOfLoop?.(sink.options, source)).find((name) => name);
  if (loop === undefined) return;
  throw new LocalProblem(
    'usage',
    `On the servers of this run source and sink are one stream, '${loop}': name another with --source or --sink.`,
  );
}

function rolesOf({ source, outputs }: DevSettings['pipeline']): string[] {
  const ofSinks = outputs.flatMap(({ sink }) => localSinkOf(sink).rolesOf?.(sink.options) ?? []);
  return source.role === undefined ? ofSinks : [source.role.arn, ...ofSinks];
}

/** A region, endpoint or account in the file is for its deployment; here everything is on the servers of this run. */
function atServices({ pipeline }: DevSettings, servers: Services): DevSettings['pipeline'] {
  const { source } = pipeline;
  const outputs = pipeline.outputs.map((output) => {
    const { sink } = output;
    const options = localSinkOf(sink).optionsAt?.(sink.options, servers) ?? sink.options;
    return { ...output, sink: { ...sink, options } };
  });
  // Nobody else has consumers on servers of our own, and they keep no tags of consumers.
  const subscribeToShard = servers.kind === 'embedded' ? ownConsumer(pipeline) : source.subscribeToShard;
  return { ...pipeline, source: { ...source, ...placeAt(source, servers), subscribeToShard }, outputs };
}

/** Registered on the server of this run, whoever has registered it elsewhere. */
function ownConsumer(pipeline: DevSettings['pipeline']): DevSettings['pipeline']['source']['subscribeToShard'] {
  const { subscribeToShard } = pipeline.source;
  return { ...subscribeToShard, adopt: true, consumerName: consumerNameOf(pipeline), consumerArn: undefined };
}

const parsedRows = (rows: RowsByOutput): ReadonlyMap<string, readonly unknown[]> =>
  new Map([...rows].map(([output, all]) => [output, all.map((row) => JSON.parse(toJsonLine(row)) as unknown)]));

function showBatch(
  report: BatchReport,
  rows: RowsByOutput | undefined,
  { pipeline }: DevSettings,
  output: Output,
): void {
  say(progressLine(report));
  if (output.isJson) print(JSON.stringify(progressObject(report)));
  for (const { id, sink } of pipeline.outputs) {
    const ofOutput = rows?.get(id);
    if (ofOutput === undefined) continue;
    const identity = localSinkOf(sink).identityField?.(sink.options);
    const parsed = ofOutput.map((row) => JSON.parse(toJsonLine(row)) as unknown);
    const own = identity === undefined ? parsed : parsed.filter((row) => isOfOutput(row, identity, id));
    const values = sideRows(identity === undefined ? own : withVersionTexts(own, identity), id);
    const title = `Batch ${report.progress.batchId}${pipeline.outputs.length > 1 ? `, ${id}` : ''}`;
    print(`${title}: ${number(own.length)} results\n${tableOfRows(values, { maxRows: maxRowsShown, last: identity })}`);
  }
}

/** Once for each reason: what comes in every batch is said once, and counted at the end. */
function showNewReasons({ progress }: BatchReport, shown: Set<string>): void {
  const { deadLetters = [], refusedRows = [] } = progress;
  for (const [kind, tally] of Object.entries({ 'dead letter': deadLetters, 'refused result': refusedRows })) {
    for (const each of tally) {
      if (shown.has(`${kind} ${each.reason}`)) continue;
      shown.add(`${kind} ${each.reason}`);
      say(`  ${kind}: ${exampleText(each)}`);
    }
  }
}

async function saveResults(
  services: Services,
  { pipeline, resultsFiles }: Pick<DevSettings, 'pipeline' | 'resultsFiles'>,
): Promise<void> {
  const around = { servicesFor: servicesByRole(services, pipeline.name) };
  for (const { id, sink } of pipeline.outputs) {
    const file = resultsFiles.get(id);
    if (file === undefined) continue;
    const count = await localSinkOf(sink).writeResults!(sink.options, around, file);
    say(`${number(count)} sink records${pipeline.outputs.length > 1 ? ` of ${id}` : ''} written to ${file}`);
  }
}

function showSummary(summary: Summary, { stateDirectory }: DevSettings, output: Output): void {
  for (const line of summaryLines(summary)) say(line);
  const { counters, end: _, ...rest } = summary;
  if (output.isJson) print(JSON.stringify({ kind: 'summary', ...rest, ...counters, isAllLost: isAllLost(summary) }));
  const hasLetters = summary.deadLetters.length + summary.refusedRows.length > 0;
  if (!hasLetters) return;
  if (stateDirectory === undefined) say('They go with the servers of this run; --state <dir> keeps them.');
  else say(`All of them: npx sluice dead-letters list --pipeline ${summary.pipeline} --state ${stateDirectory}`);
}

type Signals = {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
  readonly onStep: Heartbeat['step'];
  close(): void;
};

/** The first Ctrl-C finishes the batch, the second ends the run, a third the process; one that hears none, its guard ends. */
function watchSignals(): Signals {
  const stop = new AbortController();
  const abort = new AbortController();
  const onSignal = (): void => {
    if (abort.signal.aborted) process.exit(exitCodes.aborted);
    if (stop.signal.aborted) abort.abort();
    else {
      say('Finishing the running batch. Press Ctrl-C again to stop at once.');
      stop.abort();
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const deafen = hearOrders((order) => (order === 'stop' ? stop : abort).abort());
  const heartbeat = startHeartbeat();
  return {
    onStep: heartbeat.step,
    stop: stop.signal,
    abort: abort.signal,
    close() {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      deafen();
      heartbeat.close();
    },
  };
}
