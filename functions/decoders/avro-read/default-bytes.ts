/** The default of a field, as the bytes that a writer would have written: so it is read as any value is, and anew each time. */
import type { AvroType, PrimitiveName, RecordType } from './avro-type.ts';

/** Undefined: it is none of that type. */
export function defaultBytes(type: AvroType, json: unknown): number[] | undefined {
  switch (type.kind) {
    case 'enum':
      return type.symbols.includes(json as string) ? zigzag(type.symbols.indexOf(json as string)) : undefined;
    case 'fixed': {
      const bytes = binary(json);
      return bytes?.length === type.size ? bytes : undefined;
    }
    case 'array':
      return Array.isArray(json) ? block(json.map((item) => defaultBytes(type.items, item))) : undefined;
    case 'map':
      return isObject(json) ? block(Object.entries(json).map((entry) => entryBytes(type.values, entry))) : undefined;
    case 'record':
      return isObject(json) ? recordBytes(type, json) : undefined;
    case 'union':
      return branchBytes(type.branches, json);
    default:
      return ofPrimitive[type.kind](json);
  }
}

const sized = (bytes: readonly number[] | undefined): number[] | undefined =>
  bytes && [...zigzag(bytes.length), ...bytes];

const ofPrimitive: { readonly [Name in PrimitiveName]: (json: unknown) => number[] | undefined } = {
  null: (json) => (json === null ? [] : undefined),
  boolean: (json) => (typeof json === 'boolean' ? [Number(json)] : undefined),
  int: (json) => (json === (Number(json) | 0) ? zigzag(json) : undefined),
  long: (json) => (Number.isSafeInteger(json) ? zigzag(json as number) : undefined),
  float: (json) => (typeof json === 'number' ? floatBytes('float', json) : undefined),
  double: (json) => (typeof json === 'number' ? floatBytes('double', json) : undefined),
  string: (json) => (typeof json === 'string' ? sized([...new TextEncoder().encode(json)]) : undefined),
  bytes: (json) => sized(binary(json)),
};

type Json = Readonly<Record<string, unknown>>;
const isObject = (json: unknown): json is Json => typeof json === 'object' && json !== null && !Array.isArray(json);

function zigzag(value: number): number[] {
  const bytes: number[] = [];
  let rest = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

function floatBytes(kind: 'float' | 'double', value: number): number[] {
  const view = new DataView(new ArrayBuffer(kind === 'float' ? 4 : 8));
  if (kind === 'float') view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return [...new Uint8Array(view.buffer)];
}

/** As text, each character of which is a byte. */
function binary(json: unknown): number[] | undefined {
  if (typeof json !== 'string') return undefined;
  const bytes = Array.from(json, (character) => character.codePointAt(0)!);
  return bytes.some((byte) => byte > 0xff) ? undefined : bytes;
}

function block(items: readonly (readonly number[] | undefined)[]): number[] | undefined {
  const whole = items.flatMap((item) => item ?? []);
  if (items.includes(undefined)) return undefined;
  return items.length === 0 ? [0] : [...zigzag(items.length), ...whole, 0];
}

function entryBytes(values: AvroType, [key, value]: readonly [string, unknown]): number[] | undefined {
  const bytes = defaultBytes(values, value);
  return bytes && [...ofPrimitive.string(key)!, ...bytes];
}

function recordBytes({ fields }: RecordType, json: Json): number[] | undefined {
  const all = fields.map((field) =>
    defaultBytes(field.type, Object.hasOwn(json, field.name) ? json[field.name] : field.default),
  );
  return all.includes(undefined) ? undefined : all.flatMap((bytes) => bytes!);
}

function branchBytes(branches: readonly AvroType[], json: unknown): number[] | undefined {
  for (const [index, branch] of branches.entries()) {
    const bytes = defaultBytes(branch, json);
    if (bytes !== undefined) return [...zigzag(index), ...bytes];
  }
  return undefined;
}
