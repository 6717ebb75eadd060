/** A schema of zod that takes all that was seen: a draft, to be read and corrected by whoever knows the events. */
import { isKeyedByValues, merged, type Seen, stringFormats } from './seen-values.ts';

const formatCode = { dateTime: 'z.iso.datetime({ offset: true })', date: 'z.iso.date()', uuid: 'z.uuid()' } as const;

/** The text of a module, with one export. */
export const zodDraft = (seen: Seen, name: string): string =>
  `import * as z from 'zod';\n\nexport const ${name} = ${codeOf(seen, '')};\n`;

function codeOf(seen: Seen, indent: string): string {
  const kinds = [
    ...(seen.objects.count > 0 ? [objectCode(seen, indent)] : []),
    ...(seen.arrays.count > 0 ? [arrayCode(seen, indent)] : []),
    ...(seen.strings.count > 0 ? [stringCode(seen)] : []),
    ...(seen.numbers.count > 0 ? ['z.number()'] : []),
    ...(seen.booleans > 0 ? ['z.boolean()'] : []),
  ];
  const [first, ...others] = kinds;
  // Null alone, or nothing at all: any other value may come some day.
  if (first === undefined) return 'z.unknown()';
  const code = others.length === 0 ? first : `z.union([${kinds.join(', ')}])`;
  return seen.nulls > 0 ? `${code}.nullable()` : code;
}

function objectCode(seen: Seen, indent: string): string {
  const { count, fields } = seen.objects;
  if (isKeyedByValues(seen)) return `z.record(z.string(), ${codeOf(merged([...fields.values()]), indent)})`;
  if (fields.size === 0) return 'z.object({})';
  const inner = `${indent}  `;
  const lines = [...fields].map(([name, field]) => {
    const code = codeOf(field, inner);
    return `${inner}${nameCode(name)}: ${field.count < count ? `${code}.optional()` : code},\n`;
  });
  return `z.object({\n${lines.join('')}${indent}})`;
}

const arrayCode = ({ arrays: { items } }: Seen, indent: string): string =>
  `z.array(${items === undefined ? 'z.unknown()' : codeOf(items, indent)})`;

function stringCode({ strings: { count, formats } }: Seen): string {
  const format = stringFormats.find((name) => formats[name] === count);
  return format === undefined ? 'z.string()' : formatCode[format];
}

/** Between quotes where it is no name; in brackets what would be taken for the prototype. */
function nameCode(name: string): string {
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : quoted(name);
}

const quoted = (name: string): string =>
  `'${JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
