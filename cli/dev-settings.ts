/** The options of `sluice dev`, checked together: whoever made three mistakes learns of three. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkPipeline, type PipelineOverrides } from '../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { everyStreamTakes, noStreamTakesMore } from '../functions/sinks/stream-record.ts';
import { type EventTemplate, EventTemplateError, parseEventTemplate } from '../local/publish/event-template.ts';
import type { EventSource } from '../local/publish/publish-source.ts';
import { type Environment, externalEndpoints } from '../local/services/services.ts';
import type { PipelineInFile } from '../local/session/isolate.ts';
import { resultsFiles, sinkOverrides } from './dev-outputs.ts';
import type { Flags } from './flags.ts';
import { loadModule } from './load-module.ts';
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
};

export type CheckedSettings =
  | { readonly kind: 'valid'; readonly settings: DevSettings }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

const defaultRate = 100;

export async function checkDevSettings(
  file: string,
  options: Flags,
  environment: Environment,
): Promise<CheckedSettings> {
  const problems: string[] = [];
  const numbers = readNumbers(options, problems);
  const events = readEvents(options, numbers, problems);
  checkEnvironment(environment, problems);
  const overrides = readOverrides(options, environment, problems);
  const pipeline = await loadPipeline(file, overrides, options.verbose === true, problems);
  const files = resultsFiles(options, pipeline, problems);
  const stateDirectory = readText(options, 'state', problems);
  const table = readText(options, 'table', problems) ?? 'sluice';
  if (!/^[A-Za-z0-9_.-]{3,255}$/.test(table))
    problems.push(`--table ${table}: a table name has 3 to 255 letters, digits, _ . or -`);
  const page = readPage(options, problems);
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
    },
  };
}

type Numbers = { readonly [Name in 'rate' | 'for' | 'count' | 'shards' | 'batches' | 'maxRecordBytes']?: number };

function readNumbers(options: Flags, problems: string[]): Numbers {
  const read = (
    name: keyof Numbers,
    rule: { readonly whole: boolean; readonly min?: number; readonly max: number },
  ) => {
    const text = options[name];
    if (text === undefined) return {};
    const value = Number(text);
    const { min = 0 } = rule;
    const isInside = value > 0 && value >= min && value <= rule.max;
    const isAllowed = text !== '' && isInside && (!rule.whole || Number.isInteger(value));
    if (!isAllowed) {
      const kind = rule.whole
        ? `a whole number from ${Math.max(1, min).toLocaleString('en')}`
        : 'a number above 0 and up';
      problems.push(`--${flagOf(name)} ${text}: use ${kind} to ${rule.max.toLocaleString('en')}`);
    }
    return isAllowed ? { [name]: value } : {};
  };
  return {
    ...read('rate', { whole: false, max: 100_000 }),
    ...read('for', { whole: false, max: 1_000_000 }),
    ...read('count', { whole: true, max: 1_000_000_000 }),
    ...read('shards', { whole: true, max: 500 }),
    ...read('maxRecordBytes', { whole: true, min: everyStreamTakes, max: noStreamTakesMore }),
    ...read('batches', { whole: true, max: 1_000_000_000 }),
  };
}

function readEvents(options: Flags, numbers: Numbers, problems: string[]): EventSource | undefined {
  const input = readText(options, 'input', problems);
  const generate = readText(options, 'generate', problems);
  const partitionKey = readText(options, 'partitionKey', problems);
  if (input !== undefined && generate !== undefined) problems.push('--input and --generate: use one of them');
  if (input === undefined && generate === undefined && partitionKey !== undefined) {
    problems.push('--partition-key: it belongs to --input or --generate');
  }
  for (const name of ['rate', 'for', 'count'] as const) {
    if (options[name] !== undefined && generate === undefined) problems.push(`--${name}: it belongs to --generate`);
  }
  if (options.for !== undefined && options.count !== undefined) problems.push('--for and --count: use one of them');
  if (generate !== undefined) return generated(generate, partitionKey, numbers, problems);
  if (input === undefined) return undefined;
  checkInput(input, problems);
  return { kind: 'file', path: input, partitionKey, isFinite: true };
}

function generated(
  text: string,
  partitionKey: string | undefined,
  numbers: Numbers,
  problems: string[],
): EventSource | undefined {
  const template = readTemplate(text, problems);
  if (template === undefined) return undefined;
  const eventsPerSecond = numbers.rate ?? defaultRate;
  const count = numbers.for === undefined ? numbers.count : Math.max(1, Math.round(numbers.for * eventsPerSecond));
  return { kind: 'template', template, eventsPerSecond, count, partitionKey, isFinite: count !== undefined };
}

/** Commander says `page: false` of `--no-page`. */
function readPage(options: Flags, problems: string[]): DevSettings['page'] {
  const port = readPagePort(options, problems);
  if (options.page !== false) return { port };
  if (port !== undefined) problems.push('--page-port and --no-page: use one of them');
  return undefined;
}

/** The template itself, or a file that holds it. */
function readTemplate(text: string, problems: string[]): EventTemplate | undefined {
  const isFile = text.length < 1_000 && existsSync(text) && statSync(text).isFile();
  if (!isFile && !text.includes('{')) {
    problems.push(`--generate ${text}: there is no such file, and it is no template`);
    return undefined;
  }
  try {
    return parseEventTemplate(isFile ? readFileSync(text, 'utf8') : text);
  } catch (error) {
    if (!(error instanceof EventTemplateError)) throw error;
    problems.push(...error.message.split('\n').map((line) => `--generate: ${line}`));
    return undefined;
  }
}

function checkInput(input: string, problems: string[]): void {
  try {
    accessSync(input, constants.R_OK);
    if (!statSync(input).isFile()) problems.push(`--input ${input}: it is no file`);
  } catch {
    problems.push(`--input ${input}: there is no such file, or it may not be read`);
  }
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

function readText(options: Flags, name: string, problems: string[]): string | undefined {
  const value = options[name];
  if (typeof value !== 'string') return undefined;
  if (value === '') problems.push(`--${flagOf(name)}: it is empty`);
  return value === '' ? undefined : value;
}

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
