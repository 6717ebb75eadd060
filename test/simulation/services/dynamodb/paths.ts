/** The other expressions: what an update sets, what a projection shows. */
import type { Attribute, StoredItem } from './attribute.ts';
import type { Used } from './condition.ts';
import { notSimulated, refuse } from './errors.ts';
import { nameOf, type Placeholders } from './placeholders.ts';
import { type Operand, remembering, Tokens } from './tokens.ts';

export type ParsedUpdate = Used & {
  readonly assignments: readonly { readonly path: Operand; readonly value: Operand }[];
};
export type ParsedProjection = Used & { readonly paths: readonly Operand[] };

export const parseUpdate = remembering((text: string): ParsedUpdate => {
  const tokens = new Tokens(text);
  if (['REMOVE', 'ADD', 'DELETE'].includes(tokens.peek()!.toUpperCase())) throw notSimulated(text);
  tokens.expect('SET');
  const assignments: { path: Operand; value: Operand }[] = [];
  do {
    const path = tokens.operand();
    if (path.kind === 'value') throw tokens.error(path.text);
    if (path.text.includes('.')) throw notSimulated(`paths into maps: ${text}`);
    tokens.expect('=');
    const value = tokens.operand();
    if (value.kind === 'path') throw notSimulated(`attributes as values: ${text}`);
    assignments.push({ path, value });
  } while (tokens.skip(','));
  if (['REMOVE', 'ADD', 'DELETE'].includes(tokens.peek()?.toUpperCase() ?? '')) throw notSimulated(text);
  tokens.end();
  return { assignments, ...tokens.used };
});

/** What the update sets, by name. */
export function changesOf(update: ParsedUpdate, placeholders: Placeholders): Record<string, Attribute> {
  const changes: Record<string, Attribute> = {};
  for (const { path, value } of update.assignments) {
    const name = nameOf(path, placeholders);
    if (Object.hasOwn(changes, name)) throw overlap(name);
    changes[name] = placeholders.values[value.text]!;
  }
  return changes;
}

export const parseProjection = remembering((text: string): ParsedProjection => {
  const tokens = new Tokens(text);
  const paths: Operand[] = [];
  do {
    const path = tokens.operand();
    if (path.kind === 'value') throw tokens.error(path.text);
    paths.push(path);
  } while (tokens.skip(','));
  tokens.end();
  return { paths, ...tokens.used };
});

export function namesShown(projection: ParsedProjection, placeholders: Placeholders): readonly string[] {
  const names = projection.paths.map((path) => nameOf(path, placeholders));
  for (const [at, name] of names.entries()) if (names.indexOf(name) !== at) throw overlap(name);
  return names;
}

/** A copy for the caller, who may change it. */
export function shown(item: StoredItem, names: readonly string[] | undefined): Record<string, Attribute> {
  if (names === undefined) return { ...item };
  const part: Record<string, Attribute> = {};
  for (const name of names) if (Object.hasOwn(item, name)) part[name] = item[name]!;
  return part;
}

const overlap = (name: string): Error =>
  refuse(`Two document paths overlap with each other; must remove or rewrite one of these paths; path: [${name}]`);
