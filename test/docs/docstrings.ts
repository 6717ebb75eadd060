/** The fields of an options type with what their docstrings say, from its source as the formatter leaves it. */
import { readFileSync } from 'node:fs';

export type Field = {
  /** Of a field within a field: `getRecords.fetchInterval`. */
  readonly name: string;
  readonly isRequired: boolean;
  /** One line, without its tags. */
  readonly text: string;
  /** What `@default` says. */
  readonly fallback: string | undefined;
};

export function fieldsWithDocs(file: string, type: string): Field[] {
  const source = readFileSync(file, 'utf8');
  const [, body] = new RegExp(`^export (?:type|interface) ${type}\\b([\\s\\S]*?)\\n\\};?\\n`, 'm').exec(source) ?? [];
  if (body === undefined) throw new Error(`${file} has no type ${type}`);
  const fields: Field[] = [];
  const open: { readonly indent: number; readonly name: string }[] = [];
  // What is `undefined` and nothing else is the other side of a union.
  for (const [, docs = '', indent = '', name = '', mark] of body.matchAll(
    /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?^( +)readonly (\w+)(\??):(?! undefined;)/gm,
  )) {
    while (open.length > 0 && open.at(-1)!.indent >= indent.length) open.pop();
    const [text, fallback] = docs
      .replaceAll(/\n\s*\*/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .split(/ ?@default /);
    fields.push({
      name: [...open.map((parent) => parent.name), name].join('.'),
      isRequired: mark === '',
      text: text!,
      fallback,
    });
    open.push({ indent: indent.length, name });
  }
  return fields;
}
