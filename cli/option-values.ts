/** What several commands read of their options. Problems are told together. */
import { Console } from 'node:console';
import { checkPipeline } from '../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../functions/pipeline/pipeline.ts';
import { LocalProblem } from '../local/local-problem.ts';
import type { Flags } from './flags.ts';
import { loadModule } from './load-module.ts';

/** What the file itself prints goes to stderr: on stdout is what was asked for. */
export async function loadPipeline(file: string, options: Flags, problems: string[]): Promise<Pipeline | undefined> {
  globalThis.console = new Console(process.stderr, process.stderr);
  const module = await loadModule(file, { isVerbose: options.verbose === true });
  if (module.kind === 'failed') {
    problems.push(...module.problems);
    return undefined;
  }
  const checked = checkPipeline(module.value);
  if (checked.kind === 'valid') return checked.pipeline;
  problems.push(...checked.problems.map(({ message }) => `${file}: ${message}`));
  return undefined;
}

/** Of a command that takes a file, or a name, or both. Undefined: neither, or they are two pipelines, which is a problem. */
export function nameOrDefined(options: Flags, defined: Pipeline | undefined, problems: string[]): string | undefined {
  const name = textOf(options, 'pipeline');
  if (name !== undefined && defined !== undefined && defined.name !== name) {
    problems.push(`--pipeline ${name}: the file defines ${defined.name}; leave one of them out`);
    return undefined;
  }
  if (name === undefined && defined === undefined && problems.length === 0)
    problems.push('--pipeline: its name is needed, or its file');
  return name ?? defined?.name;
}

export function wholeNumber(
  name: string,
  options: Flags,
  problems: string[],
  {
    from = 0,
    upTo = 999_999_999_999,
    flag = name,
  }: { readonly from?: number; readonly upTo?: number; readonly flag?: string } = {},
): number | undefined {
  const text = options[flag];
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^\d{1,12}$/.test(text) && Number(text) >= from && Number(text) <= upTo)
    return Number(text);
  problems.push(`--${name} ${String(text)}: use a whole number from ${from} to ${upTo.toLocaleString('en')}`);
  return undefined;
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
