/** What the #names and :values of a call's expressions stand for. */
import { type Attribute, asRecord, type StoredItem, takeAttribute } from './attribute.ts';
import type { Used } from './condition.ts';
import { refuse } from './errors.ts';
import type { Operand } from './tokens.ts';

export type Placeholders = {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Attribute>>;
};

const none: Placeholders = { names: {}, values: {} };

/** All that is given must be used, all that is used must be given. `expressions` holds those that the call has. */
export function takePlaceholders(
  input: { readonly ExpressionAttributeNames?: unknown; readonly ExpressionAttributeValues?: unknown },
  expressions: readonly Used[],
): Placeholders {
  const { ExpressionAttributeNames: givenNames, ExpressionAttributeValues: givenValues } = input;
  const names = givenNames === undefined ? none.names : takeNames(givenNames, expressions);
  const values = givenValues === undefined ? none.values : takeValues(givenValues, expressions);
  for (const used of expressions) {
    for (const name of used.names) if (names[name] === undefined) throw undefinedOne('name', name);
    for (const name of used.values) if (values[name] === undefined) throw undefinedOne('value', name);
  }
  return { names, values };
}

function takeNames(given: unknown, expressions: readonly Used[]): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [name, meaning] of entriesOf(given, 'ExpressionAttributeNames')) {
    if (typeof meaning !== 'string') throw refuse(`ExpressionAttributeNames contains invalid value for key ${name}`);
    if (!expressions.some((used) => used.names.has(name))) throw unusedOne('ExpressionAttributeNames', name);
    names[name] = meaning;
  }
  return names;
}

function takeValues(given: unknown, expressions: readonly Used[]): Record<string, Attribute> {
  const values: Record<string, Attribute> = {};
  for (const [name, value] of entriesOf(given, 'ExpressionAttributeValues')) {
    if (!expressions.some((used) => used.values.has(name))) throw unusedOne('ExpressionAttributeValues', name);
    values[name] = takeAttribute(value);
  }
  return values;
}

function entriesOf(given: unknown, what: string): [string, unknown][] {
  const entries = Object.entries(asRecord(given));
  if (entries.length === 0) throw refuse(`${what} must not be empty`);
  return entries;
}

const unusedOne = (where: string, name: string): Error =>
  refuse(`Value provided in ${where} unused in expressions: keys: {${name}}`);
const undefinedOne = (what: string, name: string): Error =>
  refuse(`An expression attribute ${what} used in the expression is not defined; attribute ${what}: ${name}`);

export const nameOf = (operand: Operand, { names }: Placeholders): string => pathOf(operand.text, names).join('.');

const pathOf = (text: string, names: Placeholders['names']): readonly string[] =>
  text.split('.').map((part) => (part.startsWith('#') ? names[part]! : part));

export function valueIn(operand: Operand, item: StoredItem, placeholders: Placeholders): Attribute | undefined {
  if (operand.kind === 'value') return placeholders.values[operand.text];
  let inner: StoredItem | undefined = item;
  let found: Attribute | undefined;
  for (const name of pathOf(operand.text, placeholders.names)) {
    found = inner !== undefined && Object.hasOwn(inner, name) ? inner[name] : undefined;
    inner = found?.M;
  }
  return found;
}
