/** Options that say which events are published: of `sluice dev` and `sluice generate`. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { type EventTemplate, EventTemplateError, parseEventTemplate } from '../local/publish/event-template.ts';
import type { EventSource } from '../local/publish/publish-source.ts';
import type { Flags } from './flags.ts';

const defaultRate = 100;

export type NumberRule = { readonly whole: boolean; readonly min?: number; readonly max: number };

/** An object with the number under its name; an empty one where there is none, or a wrong one, which is told. */
export function readNumber<Name extends string>(
  name: Name,
  options: Flags,
  { whole, min = 0, max }: NumberRule,
  problems: string[],
): { readonly [Each in Name]?: number } {
  const text = options[name];
  if (text === undefined) return {};
  const value = Number(text);
  const isInside = value > 0 && value >= min && value <= max;
  const isAllowed = text !== '' && isInside && (!whole || Number.isInteger(value));
  if (isAllowed) return { [name]: value } as { readonly [Each in Name]?: number };
  const kind = whole ? `a whole number from ${Math.max(1, min).toLocaleString('en')}` : 'a number above 0 and up';
  problems.push(`--${flagOf(name)} ${String(text)}: use ${kind} to ${max.toLocaleString('en')}`);
  return {};
}

export function readText(options: Flags, name: string, problems: string[]): string | undefined {
  const value = options[name];
  if (typeof value !== 'string') return undefined;
  if (value === '') problems.push(`--${flagOf(name)}: it is empty`);
  return value === '' ? undefined : value;
}

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

type Numbers = { readonly [Name in 'rate' | 'for' | 'count']?: number };

/** Undefined: none are named, or what was said of them is wrong, which is told. */
export function readEvents(options: Flags, problems: string[]): EventSource | undefined {
  const numbers: Numbers = {
    ...readNumber('rate', options, { whole: false, max: 100_000 }, problems),
    ...readNumber('for', options, { whole: false, max: 1_000_000 }, problems),
    ...readNumber('count', options, { whole: true, max: 1_000_000_000 }, problems),
  };
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
