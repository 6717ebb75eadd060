/**
 * What an option may be, and how it is read. A rule is data, so all options of an object are read by one loop that
 * reports everything it finds. (A schema library could read them too, but each of its messages would have to be rewritten:
 * ours name the option, the value and what is allowed.)
 */
import { formatDuration, parseDuration } from './duration.ts';
import { givenInstead, type RawOptions } from './options.ts';
import { isAsyncFunction, missing, notAllowed, type Problem, unknownOption } from './problems.ts';

export type Rule<T> = {
  /** Ends the sentence "use …". */
  readonly allowed: string;
  /** When nothing is given. Also stands in for a refused value, so that reading can go on and find more. */
  readonly fallback: T;
  readonly parse: (value: unknown) => { readonly value: T } | 'refused';
};

type Rules = Readonly<Record<string, Rule<unknown>>>;
type Values<R extends Rules> = { readonly [Name in keyof R]: R[Name] extends Rule<infer T> ? T : never };

/** Every option that `rules` knows, from what was given. Undefined counts as not given. */
export function readOptions<R extends Rules>(
  path: string,
  given: RawOptions,
  rules: R,
  problems: Problem[],
): Values<R> {
  const instead = givenInstead(given);
  if (instead !== undefined) problems.push(notAllowed(path, instead.value, 'an object of options'));
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, name)) problems.push(unknownOption(path, name, value, Object.keys(rules)));
  }
  const read = Object.entries(rules).map(([name, rule]) => [
    name,
    readOption(`${path}.${name}`, given[name], rule, problems),
  ]);
  return Object.fromEntries(read) as Values<R>;
}

export function readOption<T>(option: string, value: unknown, rule: Rule<T>, problems: Problem[]): T {
  if (value === undefined) return rule.fallback;
  const parsed = rule.parse(value);
  if (parsed !== 'refused') return parsed.value;
  problems.push(notAllowed(option, value, rule.allowed));
  return rule.fallback;
}

export function wholeNumber<T extends number | undefined>(
  limits: { readonly atLeast: number; readonly atMost?: number },
  fallback: T,
): Rule<number | T> {
  const { atLeast, atMost = Number.MAX_SAFE_INTEGER } = limits;
  const range = limits.atMost === undefined ? `of at least ${atLeast}` : `from ${atLeast} to ${atMost}`;
  return {
    allowed: `a whole number ${range}`,
    fallback,
    parse: (value) => (isWhole(value) && value >= atLeast && value <= atMost ? { value } : 'refused'),
  };
}

/** What `rule` takes, or this word, which is also what holds when nothing is given. */
export function orWord<Word extends string, T>(word: Word, rule: Rule<T>): Rule<T | Word> {
  return {
    allowed: `'${word}' or ${rule.allowed}`,
    fallback: word,
    parse: (value) => (value === word ? { value: word } : rule.parse(value)),
  };
}

/** Read into milliseconds. */
export function duration<T extends number | undefined>(
  limits: { readonly atLeastMs: number },
  fallback: T,
): Rule<number | T> {
  const floor = limits.atLeastMs === 0 ? '' : ` of at least ${formatDuration(limits.atLeastMs)}`;
  return {
    allowed: `a duration${floor} in whole numbers, such as '10 seconds' or '1 hour'`,
    fallback,
    parse: (value) => {
      const ms = parseDuration(value);
      return ms !== undefined && ms >= limits.atLeastMs ? { value: ms } : 'refused';
    },
  };
}

export function oneOf<T extends string>(words: readonly T[], fallback: T): Rule<T> {
  return {
    allowed: words.map((word) => `'${word}'`).join(' or '),
    fallback,
    parse: (value) => {
      const word = words.find((candidate) => candidate === value);
      return word === undefined ? 'refused' : { value: word };
    },
  };
}

export function trueOrFalse(fallback: boolean): Rule<boolean> {
  return { allowed: 'true or false', fallback, parse: (value) => (typeof value === 'boolean' ? { value } : 'refused') };
}

export function text<T extends string | undefined>(
  allowed: string,
  accepts: (value: string) => boolean,
  fallback: T,
): Rule<string | T> {
  return { allowed, fallback, parse: (value) => (typeof value === 'string' && accepts(value) ? { value } : 'refused') };
}

/** The user's own function. What it takes and returns is the compiler's business; here it only has to be synchronous. */
export function callback<T extends (...args: never) => unknown>(): Rule<T | undefined> {
  return {
    allowed: 'a function that returns its result at once (not async)',
    fallback: undefined,
    parse: (value) => (typeof value === 'function' && !isAsyncFunction(value) ? { value: value as T } : 'refused'),
  };
}

/** A callback that has to be given. */
export function readCallback<T extends (...args: never) => unknown>(
  option: string,
  given: unknown,
  problems: Problem[],
): T | undefined {
  const rule = callback<T>();
  if (given === undefined) problems.push(missing(option, rule.allowed));
  return readOption(option, given, rule, problems);
}

/** What takes more than a rule to check. */
export function anything(): Rule<unknown> {
  return { allowed: 'a value', fallback: undefined, parse: (value) => ({ value }) };
}

/** An object of options with rules of its own. */
export function nested(): Rule<RawOptions> {
  return {
    allowed: 'an object of options',
    fallback: {},
    parse: (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { value: { ...value } } : 'refused',
  };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
