/**
 * In which folder a row's file lies: `dt=2026-11-28/country=DE`, as Hive has it.
 *
 * FOLDER-1 It follows from key and window alone, so a row that is taken back lies where it was given out; of an event, which never is, from its
 *    fields and its time.
 * FOLDER-2 What a value has of other characters than letters, digits, _ . and - is percent-encoded: no value makes a folder of its own,
 *    nor is two values' folder one, unless they are too long for a name.
 * FOLDER-3 A name has 1,024 bytes: a long value keeps its start, and gets a hash of the whole.
 */
import { murmur3 } from '../pipeline/murmur3.ts';
import { InvalidResult } from '../user-code/callback-failure.ts';

/** Of a time its day or hour, a value of the key, or a field of an event. */
type Value = 'day' | 'hour' | { readonly key: number } | { readonly field: string };

/** In the order of the folders. */
export type FolderTemplate = readonly { readonly name: string; readonly value: Value }[];

const mostFolders = 5;

/** `of`: whose time there is, and whether any other name is one of a field. */
export type FolderNames = { readonly keyNames: readonly string[]; readonly of: 'window' | 'event' };

/** `usesTimes`: it takes windows that are spans of time, or events with a time. */
export type ParsedFolder =
  | { readonly template: FolderTemplate; readonly usesTimes: boolean }
  | { readonly objection: string };

export function parseFolder(given: string, known: FolderNames): ParsedFolder {
  const template: { name: string; value: Value }[] = [];
  const folders = given.split('/');
  if (folders.length > mostFolders) return { objection: `${mostFolders} folders at most` };
  for (const folder of folders) {
    const [, name, of] = /^([A-Za-z][A-Za-z0-9_]{0,31})=\{([^{}]+)\}$/.exec(folder) ?? [];
    if (name === undefined || of === undefined) return { objection: `name={value} for each folder: not ${folder}` };
    if (template.some((other) => other.name === name)) return { objection: `each name once: not ${name} again` };
    const value = valueNamed(of, known);
    const fields = known.of === 'event' ? ['field'] : [];
    const names = [...known.keyNames, ...fields, `${known.of}.day`, `${known.of}.hour`]
      .map((one) => `{${one}}`)
      .join(', ');
    if (value === undefined) return { objection: `values that it knows, which are ${names}: not {${of}}` };
    template.push({ name, value });
  }
  return { template, usesTimes: template.some(({ value }) => typeof value === 'string') };
}

function valueNamed(name: string, { keyNames, of }: FolderNames): Value | undefined {
  if (keyNames.includes(name)) return { key: keyNames.indexOf(name) };
  const time = (['day', 'hour'] as const).find((one) => `${of}.${one}` === name);
  // A name of a time that is none is no field that someone meant.
  return time ?? (of === 'event' && !/^(event|window)\./.test(name) ? { field: name } : undefined);
}

type Named = {
  /** The start of the window, or the time of the event. */
  readonly time: number;
  readonly keyValues: readonly unknown[];
  /** The event. */
  readonly event: unknown;
};

export function folderOf(template: FolderTemplate, { time, keyValues, event }: Named): string {
  const textOf = (value: Value): string => {
    if (typeof value === 'string') return timeText(value, time);
    return valueText('key' in value ? keyValues[value.key] : fieldOf(event, value.field));
  };
  return template.map(({ name, value }) => `${name}=${textOf(value)}`).join('/');
}

/** Of one that passes through as bytes, of the JSON that they are. */
function fieldOf(event: unknown, name: string): unknown {
  const row: unknown = event instanceof Uint8Array ? JSON.parse(decoder.decode(event)) : event;
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, name)) return undefined;
  const value = (row as Record<string, unknown>)[name];
  if (value instanceof Date) return value.toJSON();
  if (typeof value !== 'object' || value === null) return value;
  throw new InvalidResult(
    `field ${name}: a folder is of a text, a number, a Date, true, false or nothing, and not of an object`,
  );
}

const decoder = new TextDecoder();

/** UTC. */
function timeText(value: Extract<Value, string>, time: number): string {
  const text = new Date(time).toISOString();
  const [day = '', hour = ''] = text.split(/[T:]/);
  // Years of more than four digits have a sign.
  return encodeURIComponent(value === 'day' ? day : hour);
}

/** Hive's name of what is nothing, or an empty text. */
const noValue = '__HIVE_DEFAULT_PARTITION__';
const mostCharacters = 100;

function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return noValue;
  const text = String(value).toWellFormed();
  const encoded = encodeURIComponent(text).replace(/[!'()*~]/g, percent);
  if (encoded.length <= mostCharacters) return encoded;
  const hash = `${hex(murmur3(text))}${hex(murmur3(`${text.length} ${text}`))}`;
  return `${encoded.slice(0, mostCharacters - 17).replace(/%[0-9A-F]?$/, '')}-${hash}`;
}

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
const hex = (value: number): string => value.toString(16).padStart(8, '0');
