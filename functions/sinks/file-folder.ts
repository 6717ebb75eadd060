/**
 * In which folder a row's file lies: `dt=2026-11-28/country=DE`, as Hive has it.
 *
 * FOLDER-1 It follows from key and window alone, so a row that is taken back lies where it was given out.
 * FOLDER-2 What a value has of other characters than letters, digits, _ . and - is percent-encoded: no value makes a folder of its own,
 *    nor is two values' folder one, unless they are too long for a name.
 * FOLDER-3 A name has 1,024 bytes: a long value keeps its start, and gets a hash of the whole.
 */
import { murmur3 } from '../pipeline/murmur3.ts';

type Value = 'window.day' | 'window.hour' | { readonly key: number };

/** In the order of the folders. */
export type FolderTemplate = readonly { readonly name: string; readonly value: Value }[];

const ofWindow = ['window.day', 'window.hour'] as const;
const mostFolders = 5;

/** `usesTimes`: it takes windows that are spans of time. */
export type ParsedFolder =
  | { readonly template: FolderTemplate; readonly usesTimes: boolean }
  | { readonly objection: string };

export function parseFolder(given: string, keyNames: readonly string[]): ParsedFolder {
  const template: { name: string; value: Value }[] = [];
  const folders = given.split('/');
  if (folders.length > mostFolders) return { objection: `${mostFolders} folders at most` };
  for (const folder of folders) {
    const [, name, of] = /^([A-Za-z][A-Za-z0-9_]{0,31})=\{([^{}]+)\}$/.exec(folder) ?? [];
    if (name === undefined || of === undefined) return { objection: `name={value} for each folder: not ${folder}` };
    if (template.some((other) => other.name === name)) return { objection: `each name once: not ${name} again` };
    const value = valueNamed(of, keyNames);
    const names = [...keyNames, ...ofWindow].map((one) => `{${one}}`).join(', ');
    if (value === undefined) return { objection: `values that it knows, which are ${names}: not {${of}}` };
    template.push({ name, value });
  }
  return { template, usesTimes: template.some(({ value }) => typeof value === 'string') };
}

function valueNamed(name: string, keyNames: readonly string[]): Value | undefined {
  if (keyNames.includes(name)) return { key: keyNames.indexOf(name) };
  return ofWindow.find((one) => one === name);
}

export function folderOf(
  template: FolderTemplate,
  { windowStart, keyValues }: { readonly windowStart: number; readonly keyValues: readonly unknown[] },
): string {
  const folders = template.map(({ name, value }) => {
    const text = typeof value === 'object' ? keyText(keyValues[value.key]) : timeText(value, windowStart);
    return `${name}=${text}`;
  });
  return folders.join('/');
}

/** UTC. */
function timeText(value: Extract<Value, string>, time: number): string {
  const text = new Date(time).toISOString();
  const [day = '', hour = ''] = text.split(/[T:]/);
  // Years of more than four digits have a sign.
  return encodeURIComponent(value === 'window.day' ? day : hour);
}

/** Hive's name of what is nothing, or an empty text. */
const noValue = '__HIVE_DEFAULT_PARTITION__';
const mostCharacters = 100;

function keyText(value: unknown): string {
  if (value === null || value === undefined || value === '') return noValue;
  const text = String(value).toWellFormed();
  const encoded = encodeURIComponent(text).replace(/[!'()*~]/g, percent);
  if (encoded.length <= mostCharacters) return encoded;
  const hash = `${hex(murmur3(text))}${hex(murmur3(`${text.length} ${text}`))}`;
  return `${encoded.slice(0, mostCharacters - 17).replace(/%[0-9A-F]?$/, '')}-${hash}`;
}

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
const hex = (value: number): string => value.toString(16).padStart(8, '0');
