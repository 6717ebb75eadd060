/**
 * A line of CSV by columns.
 *
 * CSV-1 A payload is one line of exactly the columns that were given, and each field is of its column's type; anything else
 *    is refused as a whole.
 */
import { oneOf, type Rule, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import { fieldsOf } from './csv-line.ts';
import { type Decode, type Decoder, type DecoderKind, defineDecoder, Undecoded } from './decoder-kind.ts';
import { textReader } from './utf8.ts';

/** What a column holds. With `?` an empty field is null; without, it is an empty text, and of the others refused. */
export type CsvType = 'text' | 'number' | 'boolean' | 'text?' | 'number?' | 'boolean?';

type Field<Type> = Type extends `${infer Base}?`
  ? Field<Base> | null
  : Type extends 'number'
    ? number
    : Type extends 'boolean'
      ? boolean
      : string;

/** The event that lines of these columns are. */
export type CsvEvent<Columns> = { readonly [Name in keyof Columns]: Field<Columns[Name]> };

/** What `csv` returns. */
export type CsvDecoder<Columns> = Decoder<string, CsvEvent<Columns>> & {
  /** Always 'csv'. */
  readonly kind: 'csv';
  /** What `csv` was given, not yet checked. */
  readonly columns: RawOptions;
  /** What `csv` was given beside the columns, not yet checked. */
  readonly options: RawOptions;
};

/** How lines are written: the second argument of `csv`. */
export type CsvOptions = {
  /**
   * What stands between fields: one character.
   * @default ','
   */
  readonly delimiter?: string | undefined;
  /**
   * 'double': a field may stand in double quotes, in which the delimiter and ends of lines are part of it and two quotes are
   * one (RFC 4180); 'none': quotes are characters like others.
   * @default 'double'
   */
  readonly quotes?: 'double' | 'none' | undefined;
};

/**
 * Lines of CSV: each record is one line, with or without its end, and one event. The columns are given here, in the order of
 * the fields, since a record has no header. Numbers are written as in JSON, booleans as `true` or `false`.
 *
 * What is no such line becomes a dead letter: `undecodable` if the quotes do not fit or there are several lines,
 * `schema-mismatch` if the fields do not fit the columns. A whole number beyond 2^53 is refused rather than rounded: let such
 * a column be 'text'.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(csv({ date: 'text', delay: 'number', origin: 'text', cancelled: 'boolean?' }, { delimiter: ';' }))
 *   .filter((flight) => flight.cancelled !== true)
 *   .withWatermark((flight) => flight.date, { delay: '1 hour' });
 * ```
 */
export function csv<const Columns extends Readonly<Record<string, CsvType>>>(
  columns: Columns,
  options?: CsvOptions,
): CsvDecoder<Columns> {
  const written = isPlainObject(columns) ? frozenCopy(columns) : (columns as RawOptions);
  return defineDecoder<CsvDecoder<Columns>>(csvKind, { columns: written, options: frozenCopy(options) });
}

export type CheckedCsv = {
  readonly columns: readonly CheckedColumn[];
  readonly delimiter: string;
  readonly quotes: 'double' | 'none';
};

export type CheckedColumn = { readonly name: string; readonly type: CsvType };

const types: readonly CsvType[] = ['text', 'number', 'boolean', 'text?', 'number?', 'boolean?'];
const allowedType = oneOf(types, 'text').allowed;

const delimiterRule: Rule<string> = {
  allowed: 'one character that is no quote and no end of a line',
  fallback: ',',
  parse: (value) => (typeof value === 'string' && /^[^"\r\n\ud800-\udfff]$/.test(value) ? { value } : 'refused'),
};

const rules = { delimiter: delimiterRule, quotes: oneOf<'double' | 'none'>(['double', 'none'], 'double') };

export const csvKind: DecoderKind<CheckedCsv> = {
  kind: 'csv',
  usage: "csv({ origin: 'text', delay: 'number' })",
  sharesBytes: false,
  takesText: true,
  read({ columns, options }, problems) {
    const given = isPlainObject(options) ? options : {};
    return { columns: readColumns(columns, problems), ...readOptions('decode', given, rules, problems) };
  },
  open: openCsv,
};

function readColumns(given: unknown, problems: Problem[]): CheckedColumn[] {
  const allowed = "columns by name, in the order of the fields, such as { origin: 'text', delay: 'number' }";
  if (!isPlainObject(given)) {
    problems.push(notAllowed('decode.columns', given, allowed));
    return [];
  }
  const columns = Object.entries(given);
  if (columns.length === 0) problems.push(missing('decode.columns', allowed));
  for (const [name, type] of columns) {
    // Objects have numbers in their own order, wherever they were written.
    if (/^(\d+|__proto__)$/.test(name)) problems.push(notAllowed('decode.columns', name, 'a name that is no number'));
    if (!types.includes(type as CsvType)) problems.push(notAllowed(`decode.columns.${name}`, type, allowedType));
  }
  return columns.map(([name, type]) => ({ name, type: type as CsvType }));
}

function openCsv({ columns, delimiter, quotes }: CheckedCsv): Decode {
  const text = textReader();
  return (data) => {
    if (data.length === 0) return new Undecoded('empty-record', 'the record has no bytes');
    const line = text(data);
    if (line instanceof Undecoded) return line;
    const fields = fieldsOf(line, { delimiter, quotes });
    return fields instanceof Undecoded ? fields : eventOf(columns, fields);
  };
}

function eventOf(columns: readonly CheckedColumn[], fields: readonly string[]): unknown {
  if (fields.length !== columns.length) {
    return new Undecoded('schema-mismatch', `the line has ${fields.length} fields, not ${columns.length}`);
  }
  const event: Record<string, unknown> = {};
  for (const [at, { name, type }] of columns.entries()) {
    const value = typedValue(type, fields[at]!);
    if (value === undefined) return mismatch(name, type, fields[at]!);
    event[name] = value;
  }
  return event;
}

const maxShown = 40;

function mismatch(name: string, type: CsvType, field: string): Undecoded {
  const shown = field.length > maxShown ? `${field.slice(0, maxShown)}…` : field;
  const why = /^-?\d+$/.test(field) ? 'does not fit a number' : `is no ${type.replace('?', '')}`;
  return new Undecoded('schema-mismatch', `${name}: '${shown}' ${why}`);
}

const written = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Undefined: the field is no such value. */
function typedValue(type: CsvType, field: string): unknown {
  if (type.endsWith('?') && field === '') return null;
  if (type.startsWith('text')) return field;
  if (type.startsWith('number')) return numberOf(field);
  return field === 'true' ? true : field === 'false' ? false : undefined;
}

function numberOf(field: string): number | undefined {
  const value = written.test(field) ? Number(field) : Number.NaN;
  const isRounded = !/[.eE]/.test(field) && !Number.isSafeInteger(value);
  return isRounded || !Number.isFinite(value) ? undefined : value;
}
