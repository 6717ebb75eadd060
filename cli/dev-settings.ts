/** The options of `sluice dev`, checked together: whoever made three mistakes learns of three. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkPipeline, type PipelineOverrides } from '../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { everyStreamTakes, noStreamTakesMore } from '../functions/sinks/stream-record.ts';
import type { EventSource } from '../local/publish/publish-source.ts';
import { type Environment, externalEndpoints } from '../local/services/services.ts';
import type { PipelineInFile } from '../local/session/isolate.ts';
import { resultsFiles, sinkOverrides } from './dev-outputs.ts';
import { readEvents, readNumber, readText } from './event-settings.ts';
import type { Flags } from './flags.ts';
import { loadModule } from './load-module.ts';
import { wholeNumber } from './option-values.ts';
import { readPagePort } from './page-port.ts';

export type DevSettings = {
  readonly pipeline: Pipeline;
  readonly pipelineInFile: PipelineInFile;
  readonly events: EventSource | undefined;
  readonly shards: number;
  readonly maxRecordBytes: number | undefined;
  readonly batches: number | undefined;
  readonly untilCaughtUp: boolean;
  /** By output. */
  readonly resultsFiles: ReadonlyMap<string, string>;
  readonly stateDirectory: string | undefined;
  readonly table: string;
  /** Undefined: none is served. */
  readonly page: { readonly port: number | undefined } | undefined;
  /** Undefined: no endpoint of Step Functions is served. */
  readonly stepFunctions: { readonly port: number | undefined } | undefined;
};

type Numbers = { readonly [Name in 'shards' | 'batches' | 'maxRecordBytes']?: number };

const readNumbers = (options: Flags, problems: string[]): Numbers => ({
  ...readNumber('shards', options, { whole: true, max: 500 }, problems),
  ...readNumber('maxRecordBytes', options, { whole: true, min: everyStreamTakes, max: noStreamTakesMore }, problems),
  ...readNumber('batches', options, { whole: true, max: 1_000_000_000 }, problems),
});

export type CheckedSettings =
  | { readonly kind: 'valid'; readonly settings: DevSettings }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

export async function checkDevSettings(
  file: string,
  options: Flags,
  environment: Environment,
): Promise<CheckedSettings> {
  const problems: string[] = [];
  const numbers = readNumbers(options, problems);
  const events = readEvents(options, problems);
  checkEnvironment(environment, problems);
  const overrides = readOverrides(options, environment, problems);
  const pipeline = await loadPipeline(file, overrides, options.verbose === true, problems);
  const files = resultsFiles(options, pipeline, problems);
  const stateDirectory = readText(options, 'state', problems);
  const table = readText(options, 'table', problems) ?? 'sluice';
  if (!/^[A-Za-z0-9_.-]{3,255}$/.test(table))
    problems.push(`--table ${table}: a table name has 3 to 255 letters, digits, _ . or -`);
  const page = readPage(options, problems);
  const stepFunctions = readStepFunctions(options, problems);
  if (problems.length > 0 || pipeline === undefined) return { kind: 'invalid', problems };
  const { shards = 1, batches, maxRecordBytes } = numbers;
  const untilCaughtUp = options.untilCaughtUp === true;
  return {
    kind: 'valid',
    settings: {
      pipeline,
      pipelineInFile: { pipelineFile: urlOf(file), overrides },
      events,
      shards,
      maxRecordBytes,
      batches,
      untilCaughtUp,
      resultsFiles: files,
      stateDirectory,
      table,
      page,
      stepFunctions,
    },
  };
}

/** Commander says `page: false` of `--no-page`. */
function readPage(options: Flags, problems: string[]): DevSettings['page'] {
  const port = readPagePort(options, problems);
  if (options.page !== false) return { port };
  if (port !== undefined) problems.push('--page-port and --no-page: use one of them');
  return undefined;
}

function readStepFunctions(options: Flags, problems: string[]): DevSettings['stepFunctions'] {
  const port = wholeNumber('step-functions-port', options, problems, { upTo: 65_535, flag: 'stepFunctionsPort' });
  if (options.stepFunctions === true) return { port };
  if (port !== undefined) problems.push('--step-functions-port: only with --step-functions');
  return undefined;
}

function checkEnvironment(environment: Environment, problems: string[]): void {
  try {
    externalEndpoints(environment);
  } catch (error) {
    problems.push((error as Error).message);
  }
}

const urlOf = (file: string): string => pathToFileURL(path.resolve(file)).href;

function readOverrides(options: Flags, environment: Environment, problems: string[]): PipelineOverrides {
  return {
    source: readText(options, 'source', problems) ?? (environment.SLUICE_SOURCE || undefined),
    sourceRole: environment.SLUICE_SOURCE_ROLE || undefined,
    ...sinkOverrides(options, environment, problems),
  };
}

async function loadPipeline(
  file: string,
  overrides: PipelineOverrides,
  isVerbose: boolean,
  problems: string[],
): Promise<Pipeline | undefined> {
  const loaded = await loadModule(file, { isVerbose });
  if (loaded.kind === 'failed') {
    problems.push(...loaded.problems);
    return undefined;
  }
  const checked = checkPipeline(loaded.value, overrides);
  if (checked.kind === 'valid') return checked.pipeline;
  problems.push(...checked.problems.map(({ message }) => `${file}: ${message}`));
  return undefined;
}
