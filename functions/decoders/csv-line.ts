/**
 * One line of RFC 4180, taken apart. Libraries read files: they go on behind what does not fit, and take several lines for
 * what they are. Here both are refused.
 */
import { Undecoded } from './decoder-kind.ts';

export type CsvForm = { readonly delimiter: string; readonly quotes: 'double' | 'none' };

/** `text` is the line, with or without its end. */
export function fieldsOf(text: string, form: CsvForm): string[] | Undecoded {
  const line = text.replace(/\r?\n$/, '');
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    const isQuoted = form.quotes === 'double' && line[at] === '"';
    const field = isQuoted ? quotedField(line, at) : bareField(line, at, form);
    if (field instanceof Undecoded) return field;
    fields.push(field.text);
    if (field.after < line.length && line[field.after] !== form.delimiter) return wrongEnd(line, field.after);
    at = field.after + 1;
  }
  return fields;
}

type Field = { readonly text: string; readonly after: number };

function bareField(line: string, at: number, { delimiter, quotes }: CsvForm): Field | Undecoded {
  const found = line.indexOf(delimiter, at);
  const after = found < 0 ? line.length : found;
  const text = line.slice(at, after);
  const quote = quotes === 'double' ? text.indexOf('"') : -1;
  if (quote >= 0) return undecodable(at + quote, 'a quote within a field that does not begin with one');
  const end = text.search(/[\r\n]/);
  return end < 0 ? { text, after } : wrongEnd(line, at + end);
}

function quotedField(line: string, at: number): Field | Undecoded {
  for (let quote = line.indexOf('"', at + 1); quote >= 0; quote = line.indexOf('"', quote + 2)) {
    if (line[quote + 1] === '"') continue;
    return { text: line.slice(at + 1, quote).replaceAll('""', '"'), after: quote + 1 };
  }
  return undecodable(at, 'a quote that is never closed');
}

function wrongEnd(line: string, at: number): Undecoded {
  const endsLine = line[at] === '\n' || line[at] === '\r';
  return undecodable(at, endsLine ? 'the line ends and more follows: a record is one line' : 'text behind a quote');
}

const undecodable = (at: number, what: string): Undecoded =>
  new Undecoded('undecodable', `character ${at + 1}: ${what}`);
