/** From a schema as it was written, an object or its JSON, to types; or the first thing that is wrong with it. */
import { show } from '../../pipeline/problems.ts';
import type { AvroType, Field, PrimitiveName } from './avro-type.ts';
import { logicalOf } from './logical-type.ts';

/** `path` is within the schema: '.fields[2].type'. */
export class WrongSchema extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** @throws WrongSchema */
export function parseSchema(given: unknown): AvroType {
  return parseType(jsonOf(given), { path: '', namespace: '', names: new Map() });
}

function jsonOf(given: unknown): unknown {
  if (typeof given !== 'string' || primitives.has(given)) return given;
  try {
    return JSON.parse(given);
  } catch {
    throw new WrongSchema('', `${show(given)} is no JSON`);
  }
}

type Place = {
  readonly path: string;
  /** Of names that have none; '' is that of names without one. */
  readonly namespace: string;
  /** Named types so far, by their full names. */
  readonly names: Map<string, AvroType>;
};
type Json = Readonly<Record<string, unknown>>;

const primitives: ReadonlySet<string> = new Set<PrimitiveName>([
  ...(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const),
]);
const isPrimitive = (name: unknown): name is PrimitiveName => typeof name === 'string' && primitives.has(name);

function parseType(given: unknown, place: Place): AvroType {
  if (typeof given === 'string') return isPrimitive(given) ? { kind: given } : knownType(given, place);
  if (Array.isArray(given)) return parseUnion(given, place);
  if (typeof given !== 'object' || given === null) throw new WrongSchema(place.path, `${show(given)} is no schema`);
  const json = given as Json;
  const { type } = json;
  if (isPrimitive(type)) return withLogical({ kind: type }, json);
  if (type === 'array') return { kind: 'array', items: parseType(json.items, at(place, '.items')) };
  if (type === 'map') return { kind: 'map', values: parseType(json.values, at(place, '.values')) };
  if (type === 'record' || type === 'error') return parseRecord(json, place);
  if (type === 'enum') return parseEnum(json, place);
  if (type === 'fixed') return parseFixed(json, place);
  return parseType(type, at(place, '.type'));
}

const at = (place: Place, step: string): Place => ({ ...place, path: place.path + step });

function withLogical<Type extends AvroType>(type: Type, json: Json): Type {
  const logical = logicalOf(type, json);
  return logical === undefined ? type : { ...type, logical };
}

function knownType(name: string, { path, namespace, names }: Place): AvroType {
  const type = names.get(fullName(name, namespace)) ?? names.get(name);
  if (type === undefined) throw new WrongSchema(path, `${show(name)} is no type, and no name that was defined before`);
  return type;
}

function parseUnion(given: readonly unknown[], place: Place): AvroType {
  const branches = given.map((branch, index) => parseType(branch, at(place, `[${index}]`)));
  if (branches.length === 0) throw new WrongSchema(place.path, 'a union without types');
  const kinds = branches.map((branch) => ('name' in branch ? branch.name : branch.kind));
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
  if (twice !== undefined) throw new WrongSchema(place.path, `a union has ${twice} once at most`);
  if (kinds.includes('union')) throw new WrongSchema(place.path, 'a union within a union');
  return { kind: 'union', branches };
}

function parseRecord(json: Json, place: Place): AvroType {
  const named = namedOf(json, place);
  const fields: Field[] = [];
  const record: AvroType = { kind: 'record', name: named.name, aliases: named.aliases, fields };
  define(record, place);
  if (!Array.isArray(json.fields)) throw new WrongSchema(`${place.path}.fields`, `${show(json.fields)} is no list`);
  const seen = new Set<string>();
  for (const [index, given] of json.fields.entries()) {
    const field = parseField(given, { ...place, path: `${place.path}.fields[${index}]`, namespace: named.namespace });
    if (seen.has(field.name)) throw new WrongSchema(place.path, `two fields have the name ${field.name}`);
    seen.add(field.name);
    fields.push(field);
  }
  return record;
}

function parseField(given: unknown, place: Place): Field {
  if (typeof given !== 'object' || given === null) throw new WrongSchema(place.path, `${show(given)} is no field`);
  const json = given as Json;
  const name = simpleName(json.name, place);
  const type = parseType(json.type, at(place, '.type'));
  return { name, aliases: textsIn(json.aliases), type, default: json.default };
}

function parseEnum(json: Json, place: Place): AvroType {
  const { name, aliases } = namedOf(json, place);
  const symbols = textsIn(json.symbols);
  const isList = Array.isArray(json.symbols) && json.symbols.length === symbols.length && symbols.length > 0;
  if (!isList || new Set(symbols).size < symbols.length)
    throw new WrongSchema(`${place.path}.symbols`, `${show(json.symbols)} is no list of different names`);
  const fallback = json.default === undefined ? undefined : symbols.find((symbol) => symbol === json.default);
  if (json.default !== undefined && fallback === undefined)
    throw new WrongSchema(`${place.path}.default`, `${show(json.default)} is no symbol of ${name}`);
  return define({ kind: 'enum', name, aliases, symbols, fallback }, place);
}

const maxFixedBytes = 10_485_760;

function parseFixed(json: Json, place: Place): AvroType {
  const { name, aliases } = namedOf(json, place);
  const { size } = json;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || size > maxFixedBytes)
    throw new WrongSchema(`${place.path}.size`, `${show(size)} is no number of bytes`);
  return define(withLogical({ kind: 'fixed', name, aliases, size }, json), place);
}

function define<Type extends AvroType & { readonly name: string }>(type: Type, { names, path }: Place): Type {
  if (names.has(type.name)) throw new WrongSchema(path, `${type.name} is defined twice`);
  names.set(type.name, type);
  return type;
}

const simple = /^[A-Za-z_]\w*$/;

/** Objects have no field of the one name that is theirs. */
function simpleName(name: unknown, { path }: Place): string {
  if (typeof name === 'string' && simple.test(name) && name !== '__proto__') return name;
  throw new WrongSchema(`${path}.name`, `${show(name)} is no name`);
}

function namedOf(json: Json, place: Place) {
  const { name: given } = json;
  const parts = typeof given === 'string' ? given.split('.') : [];
  if (parts.length === 0 || isPrimitive(given)) simpleName(undefined, place);
  for (const part of parts) simpleName(part, place);
  const own = typeof json.namespace === 'string' ? json.namespace : place.namespace;
  const namespace = parts.length > 1 ? parts.slice(0, -1).join('.') : own;
  const aliases = textsIn(json.aliases).map((alias) => fullName(alias, namespace));
  return { name: fullName(given as string, namespace), namespace, aliases };
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function textsIn(given: unknown): string[] {
  return Array.isArray(given) ? given.filter((each) => typeof each === 'string') : [];
}
