/**
 * `npm start`: 20,000 real flights through the whole loop, and proof that nothing was lost or counted twice.
 *
 * Exits 1 if the results differ from a direct computation over the file.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { exitCodes, LocalProblem } from '../local-problem.ts';
import { number, progressLine, reconciles, reconciliation } from '../report/progress-text.ts';
import type { Summary } from '../report/summary-text.ts';
import { plainTable } from '../report/text-table.ts';
import { openServices, type Services } from '../services/services.ts';
import { runSession } from '../session/dev-session.ts';
import { computeDirectly, differences, type FlightResult, readResults } from './flight-results.ts';

const flightsFile = fileURLToPath(new URL('../../examples/data/flights.ndjson.gz', import.meta.url));
const pipelineFile = fileURLToPath(new URL('../../examples/departures.ts', import.meta.url));
const shards = 4;
const busiest = 10;
/** Shorter than the pipeline's own, so that there is something to see while flights are published. */
const triggerMs = 500;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const startedAt = performance.now();
  const definition: unknown = ((await import(pathToFileURL(pipelineFile).href)) as { default: unknown }).default;
  const pipeline = { ...requirePipeline(definition), trigger: { everyMs: triggerMs, stopWhenIdleMs: undefined } };
  print('Starting Kinesis and DynamoDB on this machine …');
  // Never the servers of the environment: this run needs streams of its own.
  const services = await openServices({}, undefined);
  try {
    const summary = await runDepartures(pipeline, services);
    const results = await readResults(services.kinesis, 'departures');
    showBusiest(results);
    return report(summary, results, await computeDirectly(flightsFile), performance.now() - startedAt);
  } finally {
    await services.close();
  }
}

async function runDepartures(pipeline: ReturnType<typeof requirePipeline>, services: Services): Promise<Summary> {
  const stop = new AbortController();
  const abort = new AbortController();
  const onSignal = () => (stop.signal.aborted ? abort : stop).abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  print('Publishing 20,000 flights of 1 and 2 January 2001, and counting departures per origin and hour:');
  const summary = await runSession({
    pipeline,
    services,
    table: 'sluice',
    shards,
    events: { kind: 'file', path: flightsFile, partitionKey: 'origin', isFinite: true },
    stop: stop.signal,
    abort: abort.signal,
    wantsRows: false,
    onBatch: (batch) => print(progressLine(batch)),
  });
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  if (summary.end === 'stopped') throw new LocalProblem('aborted', 'Stopped before all flights were counted.');
  return summary;
}

function showBusiest(results: readonly FlightResult[]): void {
  const sorted = [...results].sort(
    (one, other) => other.departures - one.departures || one.key.localeCompare(other.key),
  );
  const table = plainTable(['origin', 'hour (UTC)', 'departures', 'average delay']);
  for (const { origin, windowStart, departures, averageDelay } of sorted.slice(0, busiest)) {
    table.push([origin, windowStart.slice(0, 16).replace('T', ' '), departures, `${averageDelay.toFixed(1)} min`]);
  }
  print(`\nThe ${busiest} busiest of ${number(results.length)} origin-hours:\n${table.toString()}\n`);
}

function report(
  summary: Summary,
  results: readonly FlightResult[],
  expected: readonly FlightResult[],
  elapsedMs: number,
): number {
  const { published, counters, batches } = summary;
  const problems = [...differences(expected, results)];
  if (published !== counters.read) problems.push(`${published} events were published, ${counters.read} were read`);
  if (!reconciles(counters)) problems.push('what was read is not what became of it');
  if (counters.emitted !== results.length)
    problems.push(`${counters.emitted} results were sent, the sink holds ${results.length}`);
  for (const problem of problems.slice(0, 20)) print(`DIFFERENT: ${problem}`);
  if (problems.length === 0) {
    print(`All ${number(results.length)} results equal a direct computation over the file; none is there twice.`);
  }
  print(`${batches} batches in ${(elapsedMs / 1000).toFixed(1)} s`);
  print(`published ${number(published)} = ${reconciliation(counters)}`);
  return problems.length === 0 ? 0 : exitCodes['wrong-result'];
}

try {
  process.exitCode = await main();
} catch (error) {
  const problem = error instanceof LocalProblem ? error : undefined;
  process.stderr.write(`${problem?.message ?? (error as Error).stack}\n`);
  process.exitCode = exitCodes[problem?.kind ?? 'wrong-result'];
}
