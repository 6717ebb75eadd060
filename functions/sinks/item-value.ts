/**
 * Values as attributes of a DynamoDB item.
 *
 * ATTRIBUTE-1 What DynamoDB would refuse is refused before it is stored, with the place and the reason: numbers out of its range, what is
 *    no number, nesting that is too deep, names that are empty.
 * ATTRIBUTE-2 What passes is the same value in the item, as JSON has it.
 */
import { utf8Length } from '../pipeline/utf8.ts';
import { InvalidResult } from '../user-code/callback-failure.ts';

export type ItemValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: ItemValue[] }
  | { readonly M: Record<string, ItemValue> };

/** A value is itself the first level. */
const mostLevels = 31;
const mostNameBytes = 65_535;
const largestNumber = 1e126;
const smallestNumber = 1e-130;

/** Of what JSON has turned into `null` without a word. Costs a second look, so it is asked only where the text has one. */
export function refuseNoNumbers(value: unknown): void {
  JSON.stringify(value, (name, inner: unknown) => {
    if (typeof inner === 'number' && !Number.isFinite(inner))
      throw new InvalidResult(`${at(name)}${inner} is no number of DynamoDB; write null or leave it out`);
    return inner;
  });
}

/** What is wrong with a value of JSON; undefined: nothing. */
export function objectionTo(value: unknown, path = '', level = 0): string | undefined {
  if (typeof value === 'number') return numberObjection(value, path);
  if (typeof value !== 'object' || value === null) return undefined;
  if (level > mostLevels) return `${at(path)}DynamoDB nests values 32 levels deep at most`;
  const isList = Array.isArray(value);
  for (const [name, inner] of Object.entries(value)) {
    const ofName = isList ? undefined : nameObjection(name, path);
    const objection = ofName ?? objectionTo(inner, path === '' ? name : `${path}.${name}`, level + 1);
    if (objection !== undefined) return objection;
  }
  return undefined;
}

const at = (path: string): string => (path === '' ? '' : `field ${path}: `);

function nameObjection(name: string, path: string): string | undefined {
  if (name === '') return `${at(path)}DynamoDB takes no field without a name`;
  const isLong = name.length * 3 > mostNameBytes && utf8Length(name) > mostNameBytes;
  return isLong ? `${at(path)}a name is longer than ${mostNameBytes} bytes` : undefined;
}

function numberObjection(value: number, path: string): string | undefined {
  const size = Math.abs(value);
  if (value === 0 || (size >= smallestNumber && size < largestNumber)) return undefined;
  return `${at(path)}${value} is out of DynamoDB's range of numbers (1e-130 to 1e126, and 0)`;
}

/** Of a value of JSON to which there is no objection. */
export function itemValue(value: unknown): ItemValue {
  if (typeof value === 'string') return { S: value.toWellFormed() };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(itemValue) };
  return value === null ? { NULL: true } : { M: itemValues(value as object) };
}

export function itemValues(value: object): Record<string, ItemValue> {
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.toWellFormed(), itemValue(inner)]));
}

/** At least what DynamoDB counts for it: of a number the most that it may. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return utf8Length(value);
  if (typeof value === 'number') return 21;
  if (typeof value !== 'object' || value === null) return 1;
  const isList = Array.isArray(value);
  let bytes = 3;
  for (const [name, inner] of Object.entries(value)) bytes += 1 + (isList ? 0 : utf8Length(name)) + sizeOf(inner);
  return bytes;
}
