/**
 * From what a schema says that was written, and another that is to be read, to what reads it: "schema resolution" of Avro's
 * specification.
 *
 * RESOLVE-1 What can be seen from the two schemas is refused before any payload: a field without a default, types that do not
 *    fit. What only a value shows (the branch of a union, a symbol) is refused with that payload.
 * RESOLVE-2 Names of records need not be equal, but where they tell the branches of a union apart.
 */
import {
  type AvroType,
  type Field,
  type Fixed,
  nameOf,
  type Primitive,
  type RecordType,
  type Union,
} from './avro-type.ts';
import { Cursor, Damaged } from './cursor.ts';
import { defaultBytes } from './default-bytes.ts';
import { arrayOf, mapOf, symbolOf } from './read-compound.ts';
import { type Read, type ReadOptions, readPrimitive, withLogical } from './read-primitive.ts';

/** `message` names the place in the schema that is read. */
export class Unresolvable extends Error {}

/** @throws Unresolvable */
export function readerOf(writer: AvroType, reader: AvroType, options: ReadOptions): Read {
  const skipping: Resolving = { options: asWritten, records: new Map(), path: '' };
  return resolve(writer, reader, { options, records: new Map(), path: '', skipping });
}

/** What is left out is read all the same: nothing of it may be refused for its value. */
const asWritten: ReadOptions = { longs: 'bigint', logicalTypes: 'underlying' };

type Resolving = {
  readonly options: ReadOptions;
  /** Of pairs of records, since a record may hold itself. */
  readonly records: Map<RecordType, Map<RecordType, { read: Read }>>;
  readonly path: string;
  /** Undefined: this is it. */
  readonly skipping?: Resolving;
};

const within = (resolving: Resolving, step: string): Resolving => ({ ...resolving, path: resolving.path + step });

function unresolvable({ path }: Resolving, message: string): Unresolvable {
  return new Unresolvable(path === '' ? message : `${path.replace(/^\./, '')}: ${message}`);
}

function resolve(writer: AvroType, reader: AvroType, resolving: Resolving): Read {
  if (writer.kind === 'union') return fromUnion(writer, reader, resolving);
  if (reader.kind === 'union') return intoUnion(writer, reader, resolving);
  if (writer.kind === 'record' && reader.kind === 'record') return recordOf(writer, reader, resolving);
  if (writer.kind === 'array' && reader.kind === 'array')
    return arrayOf(resolve(writer.items, reader.items, within(resolving, '[]')));
  if (writer.kind === 'map' && reader.kind === 'map')
    return mapOf(resolve(writer.values, reader.values, within(resolving, '{}')));
  if (writer.kind === 'enum' && reader.kind === 'enum') return symbolOf(writer, reader);
  if (writer.kind === 'fixed' && reader.kind === 'fixed') return fixedOf(writer, reader, resolving);
  const read = isPrimitive(writer) && isPrimitive(reader) && readPrimitive(writer, reader, resolving.options);
  if (read) return read;
  throw unresolvable(resolving, `${nameOf(writer)} was written, which can't be read as ${nameOf(reader)}`);
}

const isPrimitive = (type: AvroType): type is Primitive =>
  !['record', 'enum', 'fixed', 'array', 'map', 'union'].includes(type.kind);

function fromUnion(writer: Union, reader: AvroType, resolving: Resolving): Read {
  const tried = writer.branches.map((branch) => attempt(() => resolve(branch, reader, resolving)));
  const failed = tried.find((each) => each instanceof Unresolvable);
  if (failed instanceof Unresolvable && tried.every((each) => each instanceof Unresolvable)) throw failed;
  const branches = tried.map((each): Read => (each instanceof Unresolvable ? refusing(each) : each));
  return (cursor) => {
    const index = cursor.int();
    const read = branches[index];
    if (read === undefined) throw new Damaged(`a union has no branch ${index}`);
    return read(cursor);
  };
}

function attempt(make: () => Read): Read | Unresolvable {
  try {
    return make();
  } catch (error) {
    if (error instanceof Unresolvable) return error;
    throw error;
  }
}

const refusing =
  ({ message }: Unresolvable): Read =>
  () => {
    throw new Damaged(message, 'schema-mismatch');
  };

/**
 * The branch that fits best, as Avro's Java library has it: of the same type, then of the same name without its namespace,
 * then what can be promoted. (By the letter of the specification the first that fits, be it by promotion.)
 */
function intoUnion(writer: AvroType, reader: Union, resolving: Resolving): Read {
  const ranked = reader.branches
    .map((branch) => ({ branch, rank: rankOf(writer, branch) }))
    .filter(({ rank }) => rank !== undefined)
    .sort((one, other) => one.rank! - other.rank!);
  for (const { branch } of ranked) {
    const read = attempt(() => resolve(writer, branch, resolving));
    if (!(read instanceof Unresolvable)) return needsName(reader, branch) ? named(nameOf(branch), read) : read;
  }
  throw unresolvable(
    resolving,
    `${nameOf(writer)} was written, which is none of ${reader.branches.map(nameOf).join(', ')}`,
  );
}

function rankOf(writer: AvroType, branch: AvroType): number | undefined {
  if (writer.kind !== branch.kind) return isPrimitive(writer) && isPrimitive(branch) ? 2 : undefined;
  if (!('name' in writer) || !('name' in branch)) return 0;
  if (writer.name === branch.name || branch.aliases.includes(writer.name)) return 0;
  return lastOf(writer.name) === lastOf(branch.name) ? 1 : undefined;
}

const lastOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** Two kinds of objects can't be told apart by their looks: then each value is told by its type, as in Avro's JSON. */
function needsName({ branches }: Union, branch: AvroType): boolean {
  const objects = branches.filter(({ kind }) => kind === 'record' || kind === 'map');
  return objects.length > 1 && branch.kind !== 'null';
}

const named =
  (name: string, read: Read): Read =>
  (cursor) => ({ [name]: read(cursor) });

function recordOf(writer: RecordType, reader: RecordType, resolving: Resolving): Read {
  const known = resolving.records.get(writer)?.get(reader);
  if (known !== undefined) return (cursor) => known.read(cursor);
  const entry = { read: refusing(unresolvable(resolving, `${writer.name} can't be read`)) };
  const ofWriter = resolving.records.get(writer) ?? new Map();
  resolving.records.set(writer, ofWriter.set(reader, entry));
  try {
    entry.read = readFields(writer, reader, resolving);
    return entry.read;
  } catch (error) {
    ofWriter.delete(reader);
    throw error;
  }
}

type Step = { readonly name: string | undefined; readonly read: Read };

function readFields(writer: RecordType, reader: RecordType, resolving: Resolving): Read {
  const steps: Step[] = writer.fields.map((written) => {
    const field = fieldFor(written, writer, reader);
    if (field === undefined) return { name: undefined, read: skip(written, resolving) };
    return { name: field.name, read: resolve(written.type, field.type, within(resolving, `.${field.name}`)) };
  });
  const filled = new Set(steps.map(({ name }) => name));
  const missing = reader.fields.filter(({ name }) => !filled.has(name));
  const defaults = missing.map((field) => ({ name: field.name, read: readDefault(field, resolving) }));
  return (cursor) => {
    cursor.enter();
    const record: Record<string, unknown> = {};
    for (const { name, read } of steps) {
      const value = read(cursor);
      if (name !== undefined) record[name] = value;
    }
    for (const { name, read } of defaults) record[name] = read(cursor);
    cursor.leave();
    return record;
  };
}

/** By its name, else by an alias, unless another field that was written has the name. */
function fieldFor({ name }: Field, writer: RecordType, { fields }: RecordType): Field | undefined {
  const isWritten = (wanted: string): boolean => writer.fields.some((field) => field.name === wanted);
  return (
    fields.find((field) => field.name === name) ??
    fields.find((field) => field.aliases.find(isWritten) === name && !isWritten(field.name))
  );
}

function skip({ type }: Field, resolving: Resolving): Read {
  const skipping = resolving.skipping ?? resolving;
  return resolve(type, type, skipping);
}

function readDefault(field: Field, resolving: Resolving): Read {
  const place = within(resolving, `.${field.name}`);
  if (field.default === undefined) throw unresolvable(place, 'it was not written, and has no default');
  const bytes = bytesOf(field);
  if (bytes === undefined) throw unresolvable(place, `its default is no ${nameOf(field.type)}`);
  const read = resolve(field.type, field.type, place);
  const data = Uint8Array.from(bytes);
  const own = new Cursor();
  return () => {
    own.begin(data);
    return read(own);
  };
}

/** A record whose default holds itself has no end. */
function bytesOf(field: Field): number[] | undefined {
  try {
    return defaultBytes(field.type, field.default);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function fixedOf(writer: Fixed, reader: Fixed, resolving: Resolving): Read {
  const { size } = writer;
  if (size === reader.size) return withLogical((cursor) => cursor.fixed(size), reader, resolving.options);
  throw unresolvable(resolving, `${size} bytes were written, and ${reader.size} are to be read`);
}
