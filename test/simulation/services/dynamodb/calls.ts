/** What all calls share: the table and key they name, and a guard against parameters that would be passed over. */
import { asRecord, type StoredItem, takeAttribute } from './attribute.ts';
import type { Bill } from './billed-units.ts';
import { malformed, notFound, notSimulated, refuse } from './errors.ts';
import type { Version } from './partition.ts';
import type { Change, Key, StoredTable } from './stored-table.ts';
import { utf8Bytes } from './text-order.ts';

export type Quirks = {
  /** How old a read without ConsistentRead may be: it answers as of a random time up to this long ago. */
  staleReadMs: number;
  /** BatchWriteItem leaves the write at this place of its request unprocessed. */
  leavesUnprocessed: (index: number) => boolean;
};

/** What a call works with. */
export type World = {
  readonly tables: ReadonlyMap<string, StoredTable>;
  readonly quirks: Quirks;
  readonly bill: Bill;
  now(): number;
  /** 0 to 1, without 1. */
  draw(): number;
  apply(table: StoredTable, key: Key, after: Version, by: Change['by']): void;
};

export type Input = Readonly<Record<string, unknown>>;

export function takeInput(given: unknown, known: ReadonlySet<string>): Input {
  const input = asRecord(given);
  for (const name in input) {
    if (input[name] !== undefined && !known.has(name)) throw notSimulated(`the parameter ${name}`);
  }
  return input;
}

export function textIn(input: Input, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || typeof value === 'string') return value;
  throw malformed(`${name}: a ${typeof value} cannot be converted to String`);
}

export function tableName(name: unknown): string {
  if (typeof name === 'string' && /^[\w.-]{3,255}$/.test(name)) return name;
  throw refuse(`Value '${name}' at 'tableName' failed to satisfy constraint: 3 to 255 of a-zA-Z0-9_.-`);
}

export function tableOf({ tables }: World, input: Input): StoredTable {
  const table = tables.get(input.TableName as string);
  if (table !== undefined) return table;
  tableName(input.TableName);
  throw notFound();
}

const maxBytes = { pk: 2048, sk: 1024 };

export function keyPart(item: StoredItem, name: 'pk' | 'sk'): string {
  const value = item[name];
  if (value === undefined) throw refuse(`One or more parameter values were invalid: Missing the key ${name}`);
  return keyText(value.S, name);
}

/** Conditions on keys obey the same limits as keys. */
export function keyText(text: string | undefined, name: 'pk' | 'sk'): string {
  if (text === undefined) throw refuse(`One or more parameter values were invalid: Type mismatch for key ${name}`);
  if (text === '') {
    throw refuse(`The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`);
  }
  if (utf8Bytes(text) > maxBytes[name]) throw refuse(`Size of key ${name} has exceeded ${maxBytes[name]} bytes`);
  return text;
}

export const keyIn = (item: StoredItem): Key => ({ pk: keyPart(item, 'pk'), sk: keyPart(item, 'sk') });

/** Of a parameter that holds a key and nothing else. */
export function takeKey(given: unknown): Key {
  const key = asRecord(given);
  for (const name in key) {
    if (name !== 'pk' && name !== 'sk' && key[name] !== undefined) throw noKey();
  }
  if (key.pk === undefined || key.sk === undefined) throw noKey();
  return { pk: keyText(takeAttribute(key.pk).S, 'pk'), sk: keyText(takeAttribute(key.sk).S, 'sk') };
}

const noKey = (): Error => refuse('The provided key element does not match the schema');

/** Only a read without ConsistentRead may be old. */
export function timeOfRead(world: World, input: Input): number {
  const { staleReadMs } = world.quirks;
  return input.ConsistentRead === true || staleReadMs <= 0 ? world.now() : world.now() - world.draw() * staleReadMs;
}
