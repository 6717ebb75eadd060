/**
 * What a project's package.json says for commands that are told no file, under `sluice`:
 *
 *     "sluice": { "pipeline": "departures.ts", "dev": { "input": "flights.ndjson", "partitionKey": "origin" } }
 *
 * `dev` has options of `sluice dev` by their names in camel case: where its events come from. They count where the command line names
 * neither the file nor any events.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LocalProblem } from '../local/local-problem.ts';
import type { Flags } from './flags.ts';

const ofEvents = ['input', 'generate', 'partitionKey', 'rate', 'for', 'count'] as const;

type Settings = { readonly pipeline?: string; readonly dev: Flags };

const none: Settings = { dev: {} };

/** The file, as it was given or as the project names it; throws a LocalProblem where there is neither. */
export function pipelineFile(given: string | undefined): string {
  if (given !== undefined) return given;
  const { pipeline } = settingsHere();
  if (pipeline !== undefined) return pipeline;
  throw new LocalProblem(
    'usage',
    'A file is needed, whose default export is a pipeline: name it, or say "sluice": { "pipeline": "<file>" } in package.json.',
  );
}

/** File and options of `sluice dev`, with the project's own events where no others are named. */
export function devOptions(
  given: string | undefined,
  options: Flags,
): { readonly file: string; readonly options: Flags } {
  const file = pipelineFile(given);
  const hasEvents = ofEvents.some((name) => options[name] !== undefined);
  return { file, options: given !== undefined || hasEvents ? options : { ...settingsHere().dev, ...options } };
}

function settingsHere(): Settings {
  const file = path.resolve('package.json');
  if (!existsSync(file)) return none;
  let manifest: { readonly sluice?: unknown };
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as { readonly sluice?: unknown };
  } catch (error) {
    throw new LocalProblem('usage', `package.json is no JSON (${(error as Error).message})`);
  }
  return manifest.sluice === undefined ? none : read(manifest.sluice);
}

function read(value: unknown): Settings {
  const problems: string[] = [];
  const { pipeline, dev = {}, ...others } = recordAt('sluice', value, problems);
  if (pipeline !== undefined && (typeof pipeline !== 'string' || pipeline === ''))
    problems.push(`sluice.pipeline ${JSON.stringify(pipeline)}: use the name of a file`);
  refuseOthers('sluice', others, ['pipeline', 'dev'], problems);
  const given = recordAt('sluice.dev', dev, problems);
  const flags = Object.fromEntries(
    ofEvents.flatMap((name) => (given[name] === undefined ? [] : [[name, String(given[name])]])),
  );
  refuseOthers(
    'sluice.dev',
    Object.fromEntries(Object.entries(given).filter(([name]) => !(name in flags))),
    ofEvents,
    problems,
  );
  if (problems.length > 0) throw new LocalProblem('usage', problems.map((each) => `package.json: ${each}`).join('\n'));
  return { ...(pipeline === undefined ? {} : { pipeline: String(pipeline) }), dev: flags };
}

function recordAt(where: string, value: unknown, problems: string[]): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  problems.push(`${where} ${JSON.stringify(value)}: use an object`);
  return {};
}

function refuseOthers(
  where: string,
  others: Record<string, unknown>,
  known: readonly string[],
  problems: string[],
): void {
  for (const name of Object.keys(others))
    problems.push(`${where}.${name}: there is no such setting; use ${known.join(', ')}`);
}
