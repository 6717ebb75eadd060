/** Values that are no compound ones, read as they were written or as what they are promoted to. */
import type { Logical, Primitive, PrimitiveName } from './avro-type.ts';
import { type Cursor, Damaged } from './cursor.ts';
import { convert } from './logical-type.ts';

export type ReadOptions = {
  readonly longs: 'number' | 'bigint' | 'text';
  readonly logicalTypes: 'converted' | 'underlying';
};

export type Read = (cursor: Cursor) => unknown;

/** Undefined: it can't be read so. */
export function readPrimitive(writer: Primitive, reader: Primitive, options: ReadOptions): Read | undefined {
  if (writer.kind !== reader.kind && !promotions[writer.kind]?.includes(reader.kind)) return undefined;
  if (reader.kind === 'long') return readLong(writer.kind === 'int' ? 'int' : 'long', reader, options);
  if (reader.kind === writer.kind) return withLogical(asItIs[reader.kind], reader, options);
  return withLogical(promoted(writer.kind, reader.kind), reader, options);
}

const promotions: { readonly [Name in PrimitiveName]?: readonly PrimitiveName[] } = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

export function withLogical(read: Read, { logical }: { readonly logical?: Logical }, options: ReadOptions): Read {
  if (logical === undefined || options.logicalTypes === 'underlying') return read;
  const converted = convert(logical);
  return (cursor) => converted(read(cursor));
}

function readLong(written: 'int' | 'long', reader: Primitive, options: ReadOptions): Read {
  const exactly: Read = written === 'int' ? (cursor) => BigInt(cursor.int()) : (cursor) => cursor.bigint();
  if (reader.logical !== undefined && options.logicalTypes === 'converted')
    return withLogical(exactly, reader, options);
  if (options.longs === 'bigint') return exactly;
  if (options.longs === 'text') return (cursor) => String(exactly(cursor));
  return (cursor) => cursor.long();
}

const asItIs: { readonly [Name in Exclude<PrimitiveName, 'long'>]: Read } = {
  null: () => null,
  boolean: readBoolean,
  int: (cursor) => cursor.int(),
  float: (cursor) => cursor.float(),
  double: (cursor) => cursor.double(),
  bytes: (cursor) => cursor.bytes(),
  string: (cursor) => cursor.string(),
};

function readBoolean(cursor: Cursor): boolean {
  const byte = cursor.byte();
  if (byte > 1) throw new Damaged(`a boolean of ${byte}`);
  return byte === 1;
}

function promoted(from: PrimitiveName, to: PrimitiveName): Read {
  if (to === 'string') return (cursor) => cursor.string();
  if (to === 'bytes') return (cursor) => cursor.bytes();
  const read: Read = from === 'long' ? (cursor) => cursor.bigint() : asItIs[from as 'int'];
  return to === 'float' ? (cursor) => Math.fround(Number(read(cursor))) : (cursor) => Number(read(cursor));
}
