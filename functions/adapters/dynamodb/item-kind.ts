/**
 * A kind of item: the version in which it is written, and a reader for each version that ever was. Whoever loads an item
 * reads it here, and nowhere is saved JSON taken for a value by a cast.
 *
 * ITEM-1 An item is read as the version it says, by the reader of that version, or refused (`UnknownFormat`).
 * ITEM-2 A version is never read two ways: another form has another version, also if it only has a field more.
 */
import { SluiceError } from '../../core/errors.ts';
import { numberIn } from './item.ts';
import type { Item, Key } from './table.ts';

export type ItemKind<Value> = {
  readonly name: string;
  /** The one that is written. */
  readonly version: number;
  readonly readers: Readonly<Record<number, Reader<Value>>>;
};

/** From JSON. Undefined: it has not the form of its version. */
type Reader<Value> = (json: unknown) => Value | undefined;

/** Written in the newest version that can be read. */
export function itemKind<Value>(name: string, readers: Readonly<Record<number, Reader<Value>>>): ItemKind<Value> {
  return { name, version: Math.max(...Object.keys(readers).map(Number)), readers };
}

/** `v` as it stands in the item, or in what names it. */
export function readAs<Value>(kind: ItemKind<Value>, { v, json }: { v: number; json: unknown }, key: Key): Value {
  const value = readerOf(kind, v, key)(json);
  if (value !== undefined) return value;
  throw unknown(key, `it says that it is a ${kind.name} of version ${v}, and has not the form of one`);
}

/** Of items whose attributes are their values. */
export function checkVersion(kind: ItemKind<unknown>, item: Item, key: Key): void {
  readerOf(kind, numberIn(item, 'v'), key);
}

/** Of an item whose attributes are its values. */
export const lacks = ({ name }: ItemKind<unknown>, key: Key, attribute: string): SluiceError =>
  unknown(key, `it says that it is a ${name}, and lacks ${attribute}`);

function readerOf<Value>(kind: ItemKind<Value>, v: number, key: Key): Reader<Value> {
  const reader = kind.readers[v];
  if (reader !== undefined) return reader;
  const known = Object.keys(kind.readers).join(', ');
  throw unknown(key, `a ${kind.name} of format version ${v}; this code reads ${known}`);
}

const unknown = (key: Key, what: string): SluiceError =>
  new SluiceError('UnknownFormat', `${key.pk} / ${key.sk}: ${what}. Deploy the code that wrote it, or newer.`);

type ShapeOf<Field> = null extends Field
  ? `${ShapeOf<NonNullable<Field>>} or null`
  : [Field] extends [string]
    ? 'text'
    : [Field] extends [number]
      ? 'number'
      : [Field] extends [boolean]
        ? 'true or false'
        : [Field] extends [readonly unknown[]]
          ? 'list'
          : 'object';
type Required<Value> = {
  [Name in keyof Value]-?: object extends Pick<Value, Name> ? never : Name;
}[keyof Value];

/** The fields that each value of the version has. What lies in them was written together with them, and is not looked into. */
export function fields<Value>(shapes: { readonly [Name in Required<Value>]: ShapeOf<Value[Name]> }): Reader<Value> {
  const entries = Object.entries<string>(shapes);
  return (json) => {
    if (!isObject(json)) return undefined;
    return entries.every(([name, shape]) => fits(shape, json[name])) ? (json as Value) : undefined;
  };
}

/** A list; its entries are not looked into either. */
export const list =
  <Entry>(): Reader<readonly Entry[]> =>
  (json) =>
    Array.isArray(json) ? json : undefined;

/** Of kinds that are attributes, not JSON. */
export const attributes: Reader<never> = () => undefined;

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

function fits(shape: string, given: unknown): boolean {
  if (shape.endsWith(' or null')) return given === null || fits(shape.slice(0, -' or null'.length), given);
  if (shape === 'list') return Array.isArray(given);
  if (shape === 'object') return isObject(given);
  return typeof given === { text: 'string', number: 'number', 'true or false': 'boolean' }[shape];
}
