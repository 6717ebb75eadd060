/** Parquet files. */
import { parquetWriteBuffer } from 'hyparquet-writer/src/write.js';
import { anything, oneOf, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';
import { InvalidResult } from '../user-code/callback-failure.ts';
import { type AboutFormat, defineFormat, type FileFormat, type FileFormatKind, jsonOf } from './file-format.ts';
import { withIdentity } from './identity-text.ts';
import { isParquetType, type ParquetType, type ParquetValue, parquetColumns } from './parquet-column.ts';

/** The columns of a file by their names, in their order. */
export type ParquetColumns = Readonly<Record<string, ParquetType>>;

/** What `parquet` takes. The columns are required. */
export type ParquetOptions<Columns extends ParquetColumns = ParquetColumns> = {
  /**
   * The columns, in their order: `{ origin: 'string', windowStart: 'timestamp', flights: 'int64' }`. Each is the field of a row that has
   * its name, or null; fields that no column names are left out. Types are 'string', 'int32', 'int64' (whole numbers up to 2^53),
   * 'double', 'boolean', 'timestamp' (milliseconds, UTC) and 'json'.
   */
  readonly columns: Columns;
  /**
   * Of each page of a file.
   * @default 'snappy'
   */
  readonly compression?: 'snappy' | 'gzip' | 'none' | undefined;
};

/** A row that has those columns. */
export type ParquetRow<Columns extends ParquetColumns> = {
  readonly [Name in keyof Columns]: ParquetValue<Columns[Name]>;
};

/**
 * Parquet files for `s3`, with columns of the types that are said. A row with a value that its column does not take is a dead letter.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '10 seconds' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ flights: count() })
 *   .writeStream(
 *     s3({
 *       bucket: 'departures',
 *       format: parquet({ columns: { origin: 'string', windowStart: 'timestamp', flights: 'int64' } }),
 *     }),
 *   );
 * ```
 */
export function parquet<const Columns extends ParquetColumns>(
  options: ParquetOptions<Columns>,
): FileFormat<ParquetRow<Columns>> {
  return defineFormat(parquetKind, { options: frozenCopy(options) });
}

type CheckedParquet = {
  readonly columns: readonly (readonly [name: string, type: ParquetType])[];
  readonly compression: 'snappy' | 'gzip' | 'none';
  /** Of the column behind all others; undefined: there is none. */
  readonly identityField: string | undefined;
};

const types = Object.keys(parquetColumns)
  .map((type) => `'${type}'`)
  .join(', ');
const rules = { columns: anything(), compression: oneOf(['snappy', 'gzip', 'none'], 'snappy') };
const codecs = { snappy: 'SNAPPY', gzip: 'GZIP', none: 'UNCOMPRESSED' } as const;
const mostColumns = 1_000;
const rowsOfGroup = 100_000;

export const parquetKind: FileFormatKind<CheckedParquet> = {
  kind: 'parquet',
  usage: 'parquet({ columns: … })',
  takesAnything: false,
  read({ options }, about, problems) {
    const path = `${about.path}.format`;
    const given = isPlainObject(options) ? options : {};
    const { columns, compression } = readOptions(path, given, rules, problems);
    const { identityField } = about;
    return { columns: readColumns(columns, `${path}.columns`, about, problems), compression, identityField };
  },
  extension: () => 'parquet',
  contentType: 'application/vnd.apache.parquet',
  rowText({ columns }, value, identity) {
    const text = JSON.stringify(projected(columns, value));
    return identity?.identity === undefined ? text : withIdentity(text, identity.field, identity.identity);
  },
  fileOf: fileOfRows,
};

function readColumns(
  given: unknown,
  path: string,
  { identityField }: AboutFormat,
  problems: Problem[],
): CheckedParquet['columns'] {
  const allowed = "an object of columns such as { origin: 'string', flights: 'int64' }";
  if (given === undefined) problems.push(missing(path, allowed));
  const entries = isPlainObject(given) ? Object.entries(given) : [];
  if (given !== undefined && (entries.length === 0 || entries.length > mostColumns))
    problems.push(notAllowed(path, given, entries.length === 0 ? allowed : `${mostColumns} columns at most`));
  return entries.flatMap(([name, type]) => {
    if (!isParquetType(type)) problems.push(notAllowed(`${path}.${name}`, type, `one of ${types}`));
    else if (name === identityField)
      problems.push(notAllowed(`${path}.${name}`, type, 'another name: the identity is in that column'));
    else return [[name, type] as const];
    return [];
  });
}

/** Those fields that are columns, in their order. */
function projected(columns: CheckedParquet['columns'], value: unknown): Record<string, unknown> {
  const row: unknown = JSON.parse(jsonOf(value));
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new InvalidResult('a row of columns is an object; return one from map');
  const kept: [name: string, field: unknown][] = [];
  for (const [name, type] of columns) {
    refuseNoNumber(name, fieldIn(value, name));
    const field = fieldIn(row, name);
    // Of bytes that passed through: it is beyond what a double holds.
    refuseNoNumber(name, field);
    if (field === null) continue;
    const { isOne, takes } = parquetColumns[type];
    if (!isOne(field)) throw new InvalidResult(`column ${name}: ${shown(field)} is no ${type}, which takes ${takes}`);
    kept.push([name, field]);
  }
  return Object.fromEntries(kept);
}

/** Null: it has none. What all objects have by their nature is no field. */
const fieldIn = (row: unknown, name: string): unknown =>
  typeof row === 'object' && row !== null && Object.hasOwn(row, name)
    ? ((row as Record<string, unknown>)[name] ?? null)
    : null;

/** What JSON turns into null without a word. */
function refuseNoNumber(name: string, field: unknown): void {
  if (typeof field === 'number' && !Number.isFinite(field))
    throw new InvalidResult(`column ${name}: ${field} is no number of JSON; write null or leave it out`);
}

const shown = (field: unknown): string => {
  const text = JSON.stringify(field);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

function fileOfRows(
  { columns, compression, identityField }: CheckedParquet,
  rows: readonly string[],
  { gzip }: Parameters<FileFormatKind['fileOf']>[2],
): Uint8Array {
  const parsed = rows.map((row): unknown => JSON.parse(row));
  const all = identityField === undefined ? columns : [...columns, [identityField, 'json'] as const];
  const columnData = all.map(([name, type]) =>
    columnOf(
      name,
      type,
      parsed.map((row) => fieldIn(row, name)),
    ),
  );
  const written = parquetWriteBuffer({
    columnData,
    codec: codecs[compression],
    compressors: { GZIP: gzip },
    rowGroupSize: rowsOfGroup,
    createdBy: 'kinesis-sluice',
  });
  return new Uint8Array(written);
}

/** A deployment may have given the column another type since rows were stored: with one that it does not take, it is JSON in this file. */
function columnOf(name: string, said: ParquetType, fields: readonly unknown[]) {
  const isTaken = fields.every((field) => field === null || parquetColumns[said].isOne(field));
  const { type, written } = parquetColumns[isTaken ? said : 'json'];
  return { name, type, data: fields.map((field) => (field === null ? null : written(field))) };
}
