/** The options of `sluice savepoint`, `rewind`, `fork` and `repartition`, checked together. */
import { isPipelineName } from '../functions/pipeline/check-pipeline.ts';
import { toEpochMs } from '../functions/pipeline/event-time.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { mostKeyGroups } from '../functions/pipeline/scale.ts';
import { LocalProblem } from '../local/local-problem.ts';
import type { Flags } from './flags.ts';
import { loadPipeline, textOf, wholeNumber } from './option-values.ts';

export type SavepointSettings = { readonly pipeline: string } & (
  | { readonly kind: 'make'; readonly name: string; readonly batchId: number | undefined }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'list' }
);

const names = 'a name of 1 to 128 letters, digits, _ . or -';

/** Each of these throws a LocalProblem that names all that is wrong. */
export function savepointSettings(name: string | undefined, options: Flags): SavepointSettings {
  const problems: string[] = [];
  const pipeline = pipelineOf(options, problems);
  const batchId = wholeNumber('batch', options, problems);
  const [lists, deletes] = [options.list === true, options.delete === true];
  if (lists && deletes) problems.push('--list: it is not used together with --delete');
  if (lists && name !== undefined) problems.push(`--list: it is not used together with a name (${name})`);
  if (!lists && name === undefined) problems.push('the name of the savepoint is needed, or --list');
  if (name !== undefined) checkName('savepoint', name, problems);
  if ((lists || deletes) && options.batch !== undefined)
    problems.push('--batch: it is not used together with --list or --delete');
  refuse(problems);
  if (lists) return { kind: 'list', pipeline: pipeline! };
  return deletes
    ? { kind: 'delete', pipeline: pipeline!, name: name! }
    : { kind: 'make', pipeline: pipeline!, name: name!, batchId };
}

export type PlaceSettings =
  | { readonly kind: 'batch'; readonly batchId: number }
  | { readonly kind: 'time'; readonly time: number }
  | { readonly kind: 'savepoint'; readonly name: string };

export type RewindSettings = { readonly pipeline: string; readonly to: PlaceSettings };

export function rewindSettings(options: Flags): RewindSettings {
  const problems: string[] = [];
  const pipeline = pipelineOf(options, problems);
  const batchId = wholeNumber('to-batch', options, problems, { flag: 'toBatch' });
  const time = timeOf('to-time', options.toTime, problems);
  const name = givenName('to-savepoint', options.toSavepoint, problems);
  oneOf(
    ['--to-batch', options.toBatch],
    ['--to-time', options.toTime],
    ['--to-savepoint', options.toSavepoint],
  )(problems);
  refuse(problems);
  if (batchId !== undefined) return { pipeline: pipeline!, to: { kind: 'batch', batchId } };
  if (time !== undefined) return { pipeline: pipeline!, to: { kind: 'time', time } };
  return { pipeline: pipeline!, to: { kind: 'savepoint', name: name! } };
}

export type ForkSettings = {
  readonly pipeline: string;
  readonly name: string;
  readonly from: Exclude<PlaceSettings, { readonly kind: 'time' }>;
};

export function forkSettings(name: string, options: Flags): ForkSettings {
  const problems: string[] = [];
  const pipeline = pipelineOf(options, problems);
  checkName('pipeline', name, problems);
  if (name === pipeline) problems.push(`${name}: use another name than that of the pipeline`);
  const batchId = wholeNumber('batch', options, problems);
  const savepoint = givenName('from', options.from, problems);
  oneOf(['--from', options.from], ['--batch', options.batch])(problems);
  refuse(problems);
  const from =
    batchId === undefined ? { kind: 'savepoint' as const, name: savepoint! } : { kind: 'batch' as const, batchId };
  return { pipeline: pipeline!, name, from };
}

export type RepartitionSettings = {
  readonly name: string;
  readonly definition: Pipeline;
  readonly groups: number;
};

export async function repartitionSettings(file: string, options: Flags): Promise<RepartitionSettings> {
  const problems: string[] = [];
  const groups = wholeNumber('groups', options, problems, { from: 1, upTo: mostKeyGroups });
  if (options.groups === undefined)
    problems.push(`--groups: how many key groups there are to be is needed, from 1 to ${mostKeyGroups}`);
  const definition = await loadPipeline(file, options, problems);
  const name = textOf(options, 'pipeline') ?? definition?.name;
  if (name !== undefined) checkName('pipeline', name, problems);
  refuse(problems);
  return { name: name!, definition: definition!, groups: groups! };
}

function pipelineOf(options: Flags, problems: string[]): string | undefined {
  const name = textOf(options, 'pipeline');
  if (name === undefined) problems.push('--pipeline: its name is needed');
  else checkName('pipeline', name, problems);
  return name;
}

function checkName(of: 'pipeline' | 'savepoint', name: string, problems: string[]): void {
  if (!isPipelineName(name)) problems.push(`${of} ${name}: use ${names}`);
}

function givenName(option: string, value: Flags[string], problems: string[]): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && isPipelineName(value)) return value;
  problems.push(`--${option} ${String(value)}: use ${names}`);
  return undefined;
}

/** A moment with its zone, or epoch milliseconds. */
function timeOf(option: string, value: Flags[string], problems: string[]): number | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  const time = /^\d{1,16}$/.test(text) ? Number(text) : toEpochMs(text);
  if (time === undefined)
    problems.push(
      `--${option} ${text}: use a moment with its zone, such as 2026-03-01T00:00:00Z, or epoch milliseconds`,
    );
  return time;
}

/** Exactly one of the options is given. */
const oneOf =
  (...given: readonly (readonly [string, Flags[string]])[]) =>
  (problems: string[]): void => {
    const there = given.filter(([, value]) => value !== undefined);
    const all = given.map(([option]) => option);
    if (there.length === 0) problems.push(`${listed(all, 'or')}: one of them is needed`);
    if (there.length > 1)
      problems.push(
        `${listed(
          there.map(([option]) => option),
          'and',
        )}: use one of them`,
      );
  };

const listed = (options: readonly string[], word: string): string =>
  `${options.slice(0, -1).join(', ')} ${word} ${options.at(-1)}`;

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
}
