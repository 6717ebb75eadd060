/** The project's Markdown files, taken apart as far as the tests need it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const pagesIn = (folder: string, recursive: boolean): string[] =>
  readdirSync(folder, { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => path.join(folder, name))
    // Written from docstrings when the site is built.
    .filter((name) => !name.startsWith(path.join('docs', 'api')));

/** All of them: a new page is held by what holds the others. */
export const documentPaths: readonly string[] = [
  ...pagesIn('.', false),
  ...['docs', 'events', 'examples', 'template'].flatMap((folder) => pagesIn(folder, true)),
].toSorted();

export const readDocument = (path: string): string => readFileSync(path, 'utf8');

export type Fence = {
  readonly language: string;
  /** What the HTML comment on the line before says; empty without one. */
  readonly note: string;
  readonly text: string;
};

export function fencesOf(document: string): Fence[] {
  const pattern = /(?:<!-- ([^>]*) -->\n)?```(\w*)\n([\s\S]*?)```/g;
  return [...document.matchAll(pattern)].map(([, note = '', language = '', text = '']) => ({ language, note, text }));
}

export function fenceNoted(document: string, note: string): string {
  const found = fencesOf(document).filter((fence) => fence.note === note);
  if (found.length !== 1) throw new Error(`${found.length} fences are noted "${note}"`);
  return found[0]!.text;
}

/** The text under a heading, up to the next heading of its rank or above. */
export function section(document: string, heading: string): string {
  const rank = /^#+/.exec(heading)![0].length;
  const lines = withoutFences(document).split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && /^#+/.exec(line)![0].length <= rank);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** Cells of the rows of the first table, without its head. */
export function tableIn(text: string): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith('|'));
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  const rows = lines.slice(start, end < 0 ? undefined : end).filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The document with this text between the two comments that say `generated: name` and `end`. */
export function withGenerated(document: string, name: string, text: string): string {
  const start = `<!-- generated: ${name} -->`;
  const from = document.indexOf(start);
  const to = document.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`there is no place for the generated "${name}"`);
  return `${document.slice(0, from + start.length)}\n\n${text.trim()}\n\n${document.slice(to)}`;
}

/** Lines as they stand in the pages, those after the first indented; code is not broken. */
export function wrapped(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const [word] of text.matchAll(/(?:[^\s`]|`[^`]*`)+/g)) {
    if (line !== '' && line.length + 1 + word.length > 118) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, at) => (at === 0 ? each : `${indent}${each}`)).join('\n');
}

/** Members of a union of words, and fields of an object, of a type that stands in this source. */
export const literalsOf = (source: string, type: string): string[] =>
  [...new RegExp(`export type ${type} =([^;]*);`).exec(source)![1]!.matchAll(/'([^']+)'/g)].map(([, word]) => word!);
export const fieldsOf = (source: string, type: string): string[] =>
  [
    ...new RegExp(`export type ${type}\\b[^{]*\\{([\\s\\S]*?)\\n\\};`)
      .exec(source)![1]!
      .matchAll(/^ {2}readonly (\w+)\??:/gm),
  ].map(([, name]) => name!);

/** Fenced text blanked out, line by line, so that places stay. */
export function withoutFences(document: string): string {
  return document.replace(/```[\s\S]*?```/g, (fence) => fence.replace(/[^\n]/g, ''));
}

export const codeIn = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
