/**
 * Rules for the small objects that travel between the states of the machine: every field that does not fit is named, and
 * no message quotes a value. Words are those of zod, which weighs more than a driver step itself.
 */

export type Rule<Value> = {
  /** What fits; else a problem is added, and nobody uses the answer. */
  read(given: unknown, path: readonly (string | number)[], problems: string[]): Value;
  readonly isOptional?: true;
};
type OptionalRule<Value> = Rule<Value | undefined> & { readonly isOptional: true };
export type ValueOf<Of> = Of extends Rule<infer Value> ? Value : never;

type Fields = Readonly<Record<string, Rule<unknown>>>;
type OptionalNames<Of extends Fields> = {
  [Name in keyof Of]: Of[Name] extends { readonly isOptional: true } ? Name : never;
}[keyof Of];
type Simple<Of> = { [Name in keyof Of]: Of[Name] };
type ObjectOf<Of extends Fields> = Simple<
  { readonly [Name in Exclude<keyof Of, OptionalNames<Of>>]: ValueOf<Of[Name]> } & {
    readonly [Name in OptionalNames<Of>]?: ValueOf<Of[Name]>;
  }
>;
export type ObjectRule<Of extends Fields> = Rule<ObjectOf<Of>> & { readonly fields: Of };

export type Checked<Value> =
  | { readonly kind: 'fits'; readonly value: Value }
  | { readonly kind: 'does-not-fit'; readonly problems: readonly string[] };

export function check<Value>(rule: Rule<Value>, given: unknown): Checked<Value> {
  const problems: string[] = [];
  const value = rule.read(given, [], problems);
  return problems.length === 0 ? { kind: 'fits', value } : { kind: 'does-not-fit', problems };
}

/** `others`: what becomes of fields that have no rule. */
export function object<Of extends Fields>(
  fields: Of,
  others: 'left-out' | 'kept' | 'refused' = 'left-out',
): ObjectRule<Of> {
  return {
    fields,
    read(given, path, problems) {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) {
        return wrong<never>(problems, path, expected('object', given));
      }
      const values: Record<string, unknown> = others === 'kept' ? { ...given } : {};
      for (const [name, rule] of Object.entries(fields)) {
        const value = (given as Record<string, unknown>)[name];
        if (value !== undefined || rule.isOptional !== true) values[name] = rule.read(value, [...path, name], problems);
      }
      if (others === 'refused') refuseOthers(given, fields, path, problems);
      return values as ObjectOf<Of>;
    },
  };
}

function refuseOthers(given: object, fields: Fields, path: readonly (string | number)[], problems: string[]): void {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(fields, name));
  if (unknown.length === 0) return;
  const names = unknown.map((name) => JSON.stringify(name)).join(', ');
  wrong(problems, path, `Unrecognized key${unknown.length === 1 ? '' : 's'}: ${names}`);
}

export const array = <Value>(of: Rule<Value>): Rule<readonly Value[]> => ({
  read: (given, path, problems) =>
    Array.isArray(given)
      ? given.map((each, at) => of.read(each, [...path, at], problems))
      : wrong(problems, path, expected('array', given)),
});

/** Fields of any name. */
export const record = <Value>(of: Rule<Value>): Rule<Readonly<Record<string, Value>>> => ({
  read(given, path, problems) {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      return wrong<never>(problems, path, expected('record', given));
    }
    const entries = Object.entries(given);
    return Object.fromEntries(entries.map(([name, each]) => [name, of.read(each, [...path, name], problems)]));
  },
});

export const optional = <Value>(of: Rule<Value>): OptionalRule<Value> => ({
  isOptional: true,
  read: (given, path, problems) => (given === undefined ? undefined : of.read(given, path, problems)),
});

/** Safe integers, as far as they are at least `least`. */
export const wholeNumber = ({ least }: { readonly least: 0 | 1 }): Rule<number> => ({
  read(given, path, problems) {
    if (typeof given !== 'number' || Number.isNaN(given)) return wrong(problems, path, expected('number', given));
    if (!Number.isInteger(given)) return wrong(problems, path, expected('int', given));
    if (given > Number.MAX_SAFE_INTEGER) {
      return wrong(problems, path, `Too big: expected int to be <=${Number.MAX_SAFE_INTEGER}`);
    }
    if (given >= least) return given;
    return wrong(problems, path, `Too small: expected number to be ${least === 0 ? '>=0' : '>0'}`);
  },
});

/** `least`: characters. */
export const text = ({ least }: { readonly least: 0 | 1 }): Rule<string> => ({
  read(given, path, problems) {
    if (typeof given !== 'string') return wrong(problems, path, expected('string', given));
    if (given.length >= least) return given;
    return wrong(problems, path, `Too small: expected string to have >=${least} characters`);
  },
});

export const trueOrFalse: Rule<boolean> = {
  read: (given, path, problems) =>
    typeof given === 'boolean' ? given : wrong(problems, path, expected('boolean', given)),
};

const isoPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

export const isoTime: Rule<string> = {
  read(given, path, problems) {
    if (typeof given !== 'string') return wrong(problems, path, expected('string', given));
    const isTime = isoPattern.test(given) && !Number.isNaN(Date.parse(given));
    return isTime ? given : wrong(problems, path, 'Invalid ISO datetime');
  },
};

export const oneOf = <const Word extends string>(words: readonly Word[]): Rule<Word> => ({
  read: (given, path, problems) =>
    words.find((word) => word === given) ??
    wrong(problems, path, `Invalid option: expected one of ${words.map((word) => `"${word}"`).join('|')}`),
});

/** One of two, by what is given. */
export const oneRuleOf = <Yes, No>(
  isIt: (given: unknown) => boolean,
  { yes, no }: { readonly yes: Rule<Yes>; readonly no: Rule<No> },
): Rule<Yes | No> => ({ read: (given, path, problems) => (isIt(given) ? yes : no).read(given, path, problems) });

function wrong<Value>(problems: string[], path: readonly (string | number)[], message: string): Value {
  problems.push(`${path.join('.') || 'input'}: ${message}`);
  return undefined as Value;
}

const expected = (kind: string, given: unknown): string => `Invalid input: expected ${kind}, received ${kindOf(given)}`;

function kindOf(given: unknown): string {
  if (given === null) return 'null';
  if (Array.isArray(given)) return 'array';
  return Number.isNaN(given) ? 'NaN' : typeof given;
}
