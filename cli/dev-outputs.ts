/** `--sink` and `--results` of `sluice dev`: once for each output, as `<output>=<value>`; without a name it is of the first one. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PipelineOverrides } from '../functions/pipeline/check-pipeline.ts';
import { mainOutput } from '../functions/pipeline/outputs.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { namedIn } from '../functions/steps/environment.ts';
import type { Environment } from '../local/services/services.ts';
import { localSinkOf } from '../local/session/sinks/index.ts';
import type { Flags } from './flags.ts';

/** What the command line says counts more than the environment, output by output. */
export function sinkOverrides(
  options: Flags,
  environment: Environment,
  problems: string[],
): Pick<PipelineOverrides, 'sink' | 'sinks' | 'sinkRole' | 'sinkRoles'> {
  const given = new Map<string, string>();
  for (const text of textsOf(options, 'sink', problems)) {
    // Neither names nor ARNs of streams have such a sign.
    const { name, value } = partedAt(text.indexOf('='), text);
    add(given, { flag: '--sink', output: name ?? mainOutput, value }, problems);
  }
  const { [mainOutput]: sink, ...sinks } = Object.fromEntries(given);
  return {
    sink: sink ?? (environment.SLUICE_SINK || undefined),
    sinks: { ...namedIn(environment.SLUICE_SINKS), ...sinks },
    sinkRole: environment.SLUICE_SINK_ROLE || undefined,
    sinkRoles: namedIn(environment.SLUICE_SINK_ROLES),
  };
}

/** The file of each output whose records are to be written to one. `pipeline` undefined: what is wrong with it has been told. */
export function resultsFiles(
  options: Flags,
  pipeline: Pick<Pipeline, 'outputs'> | undefined,
  problems: string[],
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const text of textsOf(options, 'results', problems)) {
    const { name, value: file } = partedAt(endOfName(text), text);
    if (!existsSync(path.dirname(path.resolve(file)))) problems.push(`--results ${text}: its folder does not exist`);
    if (pipeline === undefined) continue;
    const output = outputFor(pipeline, name, text, problems);
    if (output === undefined) continue;
    if ([...files.values()].some((other) => path.resolve(other) === path.resolve(file)))
      problems.push(`--results ${text}: the records of another output go to that file`);
    add(files, { flag: '--results', output, value: file }, problems);
  }
  return files;
}

/** Without a name the first one whose records can be read again. */
function outputFor(
  { outputs }: Pick<Pipeline, 'outputs'>,
  name: string | undefined,
  text: string,
  problems: string[],
): string | undefined {
  const readable = outputs.filter(({ sink }) => localSinkOf(sink).writeResults !== undefined).map(({ id }) => id);
  if (name === undefined ? readable.length > 0 : readable.includes(name)) return name ?? readable[0];
  const output = outputs.find(({ id }) => id === name);
  const kinds = (output === undefined ? outputs : [output]).map(({ sink }) => sink.kind.kind).join(' and ');
  if (name === undefined || output !== undefined)
    problems.push(
      `--results ${text}: it is of sinks in AWS; this ${name === undefined ? 'pipeline' : 'output'} writes to ${kinds}`,
    );
  else
    problems.push(
      `--results ${text}: there is no output ${name}; use one of ${outputs.map(({ id }) => id).join(', ')}, or ./${text} for a file of that name`,
    );
  return undefined;
}

/** A path may have such a sign as well, and then mostly a folder before it. */
const endOfName = (text: string): number => (/^[^/\\.]*=/.test(text) ? text.indexOf('=') : -1);

const partedAt = (at: number, text: string): { readonly name: string | undefined; readonly value: string } =>
  at < 0 ? { name: undefined, value: text } : { name: text.slice(0, at), value: text.slice(at + 1) };

function add(
  to: Map<string, string>,
  { flag, output, value }: { readonly flag: string; readonly output: string; readonly value: string },
  problems: string[],
): void {
  if (to.has(output)) problems.push(`${flag}: it is said twice of the output ${output}`);
  if (value === '') problems.push(`${flag} ${output}=: it is empty`);
  to.set(output, value);
}

function textsOf(options: Flags, name: string, problems: string[]): readonly string[] {
  const given = options[name];
  const texts = Array.isArray(given) ? given : [];
  if (texts.includes('')) problems.push(`--${name}: it is empty`);
  return texts.filter((text) => text !== '');
}
