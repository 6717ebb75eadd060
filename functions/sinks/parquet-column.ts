/**
 * Columns of a Parquet file: which values of JSON each type takes, and what they are in the file.
 *
 * COLUMN-1 A value that its column does not take is refused where the row is made, with the column, the value and what would be right.
 * COLUMN-2 Each column takes nothing as well: null, or a field that is not there.
 */

/** What a column may be. */
export type ParquetType = 'string' | 'int32' | 'int64' | 'double' | 'boolean' | 'timestamp' | 'json';

/** Of a row, what a column of that type takes. */
export type ParquetValue<Type extends ParquetType> =
  | null
  | undefined
  | {
      string: string;
      int32: number;
      int64: number;
      double: number;
      boolean: boolean;
      timestamp: string | number | Date;
      json: unknown;
    }[Type];

type Column = {
  /** Of the writer. */
  readonly type: 'STRING' | 'INT32' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP' | 'JSON';
  /** Ends the sentence "… takes". */
  readonly takes: string;
  /** Of JSON, never null. */
  readonly isOne: (value: unknown) => boolean;
  /** As the writer takes it. */
  readonly written: (value: unknown) => unknown;
};

const asItIs = (value: unknown): unknown => value;
const isOf = (type: 'string' | 'number' | 'boolean') => (value: unknown) => typeof value === type;
const isWhole = (most: number) => (value: unknown) => Number.isSafeInteger(value) && inRange(value as number, most);
const inRange = (value: number, most: number): boolean => value <= most && value >= -most - 1;

/** A day, or a time with its zone: others would be another moment on another machine. */
const isoTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;
const mostTime = 8.64e15;
const timeOf = (value: unknown): number => (typeof value === 'number' ? value : Date.parse(value as string));

const isTime = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isInteger(value) && Math.abs(value) <= mostTime
    : typeof value === 'string' && isoTime.test(value) && Number.isFinite(Date.parse(value));

export const parquetColumns: { readonly [Type in ParquetType]: Column } = {
  string: { type: 'STRING', takes: 'a text', isOne: isOf('string'), written: asItIs },
  int32: { type: 'INT32', takes: 'a whole number of 32 bits', isOne: isWhole(2 ** 31 - 1), written: asItIs },
  int64: {
    type: 'INT64',
    takes: 'a whole number up to 2^53',
    isOne: isWhole(Number.MAX_SAFE_INTEGER),
    written: (value) => BigInt(value as number),
  },
  double: { type: 'DOUBLE', takes: 'a number', isOne: isOf('number'), written: asItIs },
  boolean: { type: 'BOOLEAN', takes: 'true or false', isOne: isOf('boolean'), written: asItIs },
  timestamp: {
    type: 'TIMESTAMP',
    takes: 'an ISO 8601 text with its zone, or whole milliseconds of the epoch',
    isOne: isTime,
    written: (value) => BigInt(timeOf(value)),
  },
  json: { type: 'JSON', takes: 'any value', isOne: () => true, written: withoutPrototype },
};

/** The writer copies objects key by key, and loses one that is called `__proto__`; it leaves alone what has no prototype. */
function withoutPrototype(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototype);
  if (typeof value !== 'object' || value === null) return value;
  return Object.assign(Object.create(null) as object, value);
}

export const isParquetType = (type: unknown): type is ParquetType =>
  typeof type === 'string' && Object.hasOwn(parquetColumns, type);
