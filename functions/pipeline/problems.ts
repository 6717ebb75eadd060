/** What is wrong with a pipeline, told so that it can be put right without looking anything up. */

import { SluiceError } from './errors.ts';

/** One thing that is wrong with a pipeline. */
export type Problem = {
  /** Where: `source.maxFetchRecordsPerShard`. */
  readonly option: string;
  /** What was given. */
  readonly value: unknown;
  /** What may stand there. */
  readonly allowed: string;
  /** The three as one sentence. */
  readonly message: string;
};

/** All of them as one error. */
export function invalidPipeline(name: string, problems: readonly Problem[]): SluiceError {
  const title = `pipeline ${name} has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}:`;
  return new SluiceError('InvalidPipeline', [title, ...problems.map(({ message }) => `  ${message}`)].join('\n'));
}

export function notAllowed(option: string, value: unknown, allowed: string): Problem {
  return { option, value, allowed, message: `${option}: ${show(value)} is not allowed; use ${allowed}` };
}

export function missing(option: string, allowed: string): Problem {
  return { option, value: undefined, allowed, message: `${option}: nothing is given; use ${allowed}` };
}

export function unknownOption(path: string, name: string, value: unknown, known: readonly string[]): Problem {
  const guess = closestName(name, known);
  const allowed = guess ?? `one of ${known.join(', ')}`;
  const hint = guess === undefined ? `use ${allowed}` : `did you mean ${guess}?`;
  return { option: `${path}.${name}`, value, allowed, message: `${path}.${name}: there is no such option; ${hint}` };
}

/** A value on one short line. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`;
  if (typeof value === 'function') return isAsyncFunction(value) ? 'an async function' : 'a function';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

export function isAsyncFunction(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object AsyncFunction]';
}

/** The known name that was probably meant, if one is close enough; a prefix or suffix of another program is no obstacle. */
function closestName(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase().replace(/^kinesis\./, '');
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.min(3, wanted.length / 3))
    ? best.candidate
    : undefined;
}

/** Levenshtein; names longer than any option are cut, so the work is bounded. */
function editDistance(from: string, to: string): number {
  const source = from.slice(0, 64);
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= source.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replace = (previous[column - 1] ?? 0) + (source[row - 1] === to[column - 1] ? 0 : 1);
      current[column] = Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
