/** An Avro schema, parsed: names are full ones, and a name that stands for a type is the type itself. */

export type PrimitiveName = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

/** What a value means beside what it is. Those that are not here are read as what they are. */
export type Logical =
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'timestamp'; readonly unit: 'millis' | 'micros' | 'nanos' }
  | { readonly kind: 'uuid' };

export type Primitive = { readonly kind: PrimitiveName; readonly logical?: Logical };
export type Fixed = Named & { readonly kind: 'fixed'; readonly size: number; readonly logical?: Logical };
export type Enum = Named & {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  /** What a reader takes for a symbol that it does not have. Undefined: such a symbol is refused. */
  readonly fallback: string | undefined;
};
export type RecordType = Named & {
  readonly kind: 'record';
  /** Filled when all of the schema is parsed: a record may hold itself. */
  readonly fields: readonly Field[];
};
export type ArrayType = { readonly kind: 'array'; readonly items: AvroType };
export type MapType = { readonly kind: 'map'; readonly values: AvroType };
export type Union = { readonly kind: 'union'; readonly branches: readonly AvroType[] };

export type AvroType = Primitive | Fixed | Enum | RecordType | ArrayType | MapType | Union;

export type Field = {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  /** As JSON; undefined: it has none. */
  readonly default: unknown;
};

type Named = {
  /** With its namespace. */
  readonly name: string;
  readonly aliases: readonly string[];
};

/** As a union names its branches, and messages a type. */
export function nameOf(type: AvroType): string {
  return 'name' in type ? type.name : type.kind;
}
