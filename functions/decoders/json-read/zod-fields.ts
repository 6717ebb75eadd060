/**
 * What a schema of zod 4 reads, by its definition: `_zod.def`, which zod keeps for libraries that look into schemas.
 *
 * An object without a catch-all strips other fields before any refinement or transform of its own sees the event. What schemas
 * of fields are does not matter: each is given the value of its field alone.
 */
import { allOf, type FieldsOfSchema, fieldsNamed, isRecord, maxDepth, whole } from './what-is-read.ts';

/** What zod's own constructors make. A class of somebody else's may do anything. */
const traits: ReadonlySet<unknown> = new Set(
  [
    'Object',
    'ObjectJIT',
    'Pipe',
    'Codec',
    'Readonly',
    'Union',
    'DiscriminatedUnion',
    'Intersection',
    'Preprocess',
    'Type',
  ].flatMap((name) => [`$Zod${name}`, `Zod${name}`, `ZodMini${name}`]),
);
const partsOfObject: ReadonlySet<string> = new Set(['type', 'shape', 'catchall', 'checks', 'error']);
export function fieldsOfZod(schema: unknown, depth = 0): FieldsOfSchema {
  const inner = isRecord(schema) ? schema._zod : undefined;
  if (!isRecord(inner) || !isRecord(inner.version) || inner.version.major !== 4 || !isRecord(inner.def)) {
    return whole('it is no schema of zod 4');
  }
  const { def } = inner;
  const { type } = def;
  if (type === 'transform') return whole('a function sees payloads before the schema does (preprocess)');
  if (type === 'catch') return whole('what the schema catches is seen as it came (catch)');
  if (depth > maxDepth || !(inner.traits instanceof Set) || [...inner.traits].some((trait) => !traits.has(trait))) {
    return whole(`it is of the type '${String(type)}'`);
  }
  switch (type) {
    case 'object':
      return fieldsOfObject(def);
    case 'pipe':
      return fieldsOfZod(def.in, depth + 1);
    case 'readonly':
      return fieldsOfZod(def.innerType, depth + 1);
    case 'intersection':
      return allOf([fieldsOfZod(def.left, depth + 1), fieldsOfZod(def.right, depth + 1)]);
    case 'union':
      return fieldsOfUnion(def, depth);
    default:
      return whole(`it is of the type '${String(type)}'`);
  }
}

type Inner = { readonly def: Record<string, unknown>; readonly constr: new (def: object) => unknown };

/** Any schema that one with known fields is made of; of an object without fields, another one. */
export function partOfZod(schema: unknown): unknown {
  const { def, constr } = (schema as { readonly _zod: Inner })._zod;
  const { shape, options, in: input, innerType, left } = def;
  const [first] = Object.values((shape ?? options ?? {}) as object);
  return input ?? innerType ?? left ?? first ?? new constr({ type: 'object', shape: {} });
}

function fieldsOfObject({ shape, catchall, ...rest }: Record<string, unknown>): FieldsOfSchema {
  if (catchall !== undefined) return whole('it looks at all fields (looseObject, strictObject, catchall)');
  const other = Object.keys(rest).find((part) => !partsOfObject.has(part));
  if (other !== undefined) return whole(`its definition has a part that is not known: ${other}`);
  if (!isRecord(shape) || Object.getOwnPropertySymbols(shape).length > 0)
    return whole('not all of its fields have names');
  return fieldsNamed(Object.keys(shape));
}

function fieldsOfUnion({ options, discriminator }: Record<string, unknown>, depth: number): FieldsOfSchema {
  if (!Array.isArray(options)) return whole('its options are not known');
  const chosenBy = fieldsNamed(typeof discriminator === 'string' ? [discriminator] : []);
  return allOf([chosenBy, ...options.map((option) => fieldsOfZod(option, depth + 1))]);
}
