/**
 * What a format of files is. Like a decoder it comes with its definition: a bundle has the formats that its pipeline names.
 *
 * FORMAT-1 A row that it takes can be written with any others that it takes: what has no form there is refused when the row is made, as
 *    an `InvalidResult`, and no file fails for what a row holds, nor for one that was stored when format or options were others.
 * FORMAT-2 Equal rows in equal order make equal bytes, by one version of the code on one kind of processor.
 */
import type { RawOptions } from '../pipeline/options.ts';
import type { Problem } from '../pipeline/problems.ts';
import { InvalidResult } from '../user-code/callback-failure.ts';
import { jsonText } from '../user-code/json-text.ts';
import type { Identity } from './identity.ts';
import type { AboutOutput } from './sink-kind.ts';

/** What `format` of `s3` takes: what a constructor made. `Row` is what it can write. */
export type FileFormat<Row> = {
  /** Its name. */
  readonly kind: string;
  /** How it is written. */
  readonly '~format': unknown;
  /** Carries the type only; it is not there. */
  readonly '~takes'?: (row: Row) => void;
};

export type RowIdentity = { readonly field: string; readonly identity: Identity | undefined };

/** `Options` are the checked ones. */
export type FileFormatKind<Options = unknown> = {
  readonly kind: string;
  readonly usage: string;
  /** Whether late events and dead letters can be written as they are. */
  readonly takesAnything: boolean;
  /** From what the constructor made. Undefined: a problem was told. */
  read(given: RawOptions, about: AboutFormat, problems: Problem[]): Options | undefined;
  /** Of a file's name, without the dot. */
  extension(options: Options): string;
  readonly contentType: string;
  /** As it is stored: JSON. `identity`: undefined where none is written. */
  rowText(options: Options, value: unknown, identity: RowIdentity | undefined): string;
  /** Of rows that `rowText` made. */
  fileOf(options: Options, rows: readonly string[], compress: Compress): Uint8Array;
};

export type AboutFormat = AboutOutput & {
  /** Of each row; undefined: it has none. */
  readonly identityField: string | undefined;
};

/** Of a file as a whole, or of its pages. */
export type Compress = { readonly gzip: (data: Uint8Array | string) => Uint8Array };

/** With its options: what a sink is given. */
export type FileFormatSpec = { readonly kind: FileFormatKind; readonly options: unknown };

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes that pass through are the JSON that they were, in one line. */
export function jsonOf(value: unknown): string {
  if (!(value instanceof Uint8Array)) return jsonText(value);
  try {
    const text = decoder.decode(value);
    JSON.parse(text);
    // Between its tokens alone can a line end, and numbers stay as they were written.
    return text.trim().replaceAll(/[\r\n]+/g, ' ');
  } catch {
    throw new InvalidResult('bytes that pass through into a file are JSON; make an object of others by map');
  }
}

export function defineFormat<Row>(kind: Pick<FileFormatKind, 'kind'>, written: RawOptions): FileFormat<Row> {
  return Object.freeze({ kind: kind.kind, '~format': Object.freeze(kind), ...written }) as unknown as FileFormat<Row>;
}

/** Of what was given as a format. Undefined: it is none. */
export function formatKindOf(given: unknown): FileFormatKind | undefined {
  if (typeof given !== 'object' || given === null || !('~format' in given)) return undefined;
  const kind = given['~format'];
  const isKind = typeof kind === 'object' && kind !== null && 'fileOf' in kind && 'rowText' in kind;
  return isKind ? (kind as FileFormatKind) : undefined;
}
