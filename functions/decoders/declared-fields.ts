/**
 * Fields and their types as a schema, for who has no library of schemas.
 *
 * DECLARED-1 The event has exactly the fields that were declared, in that order. Others are left out, and a payload in which one is
 *    missing or of another type is refused.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { oneOf } from '../pipeline/option-rules.ts';
import { isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed, type Problem } from '../pipeline/problems.ts';

/** What a field holds. With `?` it may be null or left out, and is null then. */
export type JsonFieldType = 'string' | 'number' | 'boolean' | 'string?' | 'number?' | 'boolean?';

type Held<Type> = Type extends `${infer Base}?`
  ? Held<Base> | null
  : Type extends 'number'
    ? number
    : Type extends 'boolean'
      ? boolean
      : string;

/** The event that payloads with these fields are. */
export type JsonEvent<Fields> = { readonly [Name in keyof Fields]: Held<Fields[Name]> };

/** What producers write: of fields with `?` also nothing. */
export type JsonFields<Fields> = {
  readonly [Name in keyof Fields as Fields[Name] extends `${string}?` ? never : Name]: Held<Fields[Name]>;
} & { readonly [Name in keyof Fields as Fields[Name] extends `${string}?` ? Name : never]?: Held<Fields[Name]> };

const vendor = 'kinesis-sluice';
const types: readonly JsonFieldType[] = ['string', 'number', 'boolean', 'string?', 'number?', 'boolean?'];

type DeclaredSchema = StandardSchemaV1 & { readonly fields: unknown };

/** `fields`: not yet checked. */
export function declaredFields(fields: unknown): DeclaredSchema {
  const declared = Object.entries(isPlainObject(fields) ? fields : {}).map(([name, type]) =>
    fieldOf(name, String(type)),
  );
  const validate = (value: unknown): StandardSchemaV1.Result<unknown> => {
    if (!isPlainObject(value)) return { issues: [{ message: 'the payload is no object' }] };
    const event: Record<string, unknown> = {};
    for (const field of declared) {
      const held = heldBy(field, value[field.name]);
      if (held === undefined) return { issues: [issueOf(field, value[field.name])] };
      event[field.name] = held;
    }
    return { value: event };
  };
  return { '~standard': { version: 1, vendor, validate }, fields };
}

type DeclaredField = { readonly name: string; readonly type: string; readonly isOptional: boolean };

const fieldOf = (name: string, type: string): DeclaredField => ({
  name,
  type: type.replace('?', ''),
  isOptional: type.endsWith('?'),
});

/** Undefined: no such field may hold it. A number of JSON may be larger than any double. */
function heldBy({ type, isOptional }: DeclaredField, given: unknown): unknown {
  if (typeof given === type)
    return given === Number.POSITIVE_INFINITY || given === Number.NEGATIVE_INFINITY ? undefined : given;
  return isOptional && (given === undefined || given === null) ? null : undefined;
}

const issueOf = ({ name, type }: DeclaredField, given: unknown): StandardSchemaV1.Issue => ({
  path: [name],
  message: given === undefined ? 'is missing' : `is no ${type}`,
});

const isDeclared = (schema: StandardSchemaV1): schema is DeclaredSchema =>
  schema['~standard'].vendor === vendor && 'fields' in schema;

/** Undefined: it is a schema of some library. */
export function declaredNames(schema: StandardSchemaV1): readonly string[] | undefined {
  return isDeclared(schema) && isPlainObject(schema.fields) ? Object.keys(schema.fields) : undefined;
}

export function checkDeclared(schema: StandardSchemaV1, problems: Problem[]): void {
  if (!isDeclared(schema)) return;
  const { fields } = schema;
  const allowed = "fields by name, such as { origin: 'string', delay: 'number' }";
  if (!isPlainObject(fields)) problems.push(notAllowed('decode.fields', fields, allowed));
  else if (Object.keys(fields).length === 0) problems.push(missing('decode.fields', allowed));
  else checkTypes(fields, problems);
}

function checkTypes(fields: RawOptions, problems: Problem[]): void {
  const allowed = oneOf(types, 'string').allowed;
  for (const [name, type] of Object.entries(fields)) {
    if (name in Object.prototype)
      problems.push(notAllowed('decode.fields', name, 'a name that no object has by itself'));
    if (!types.includes(type as JsonFieldType)) problems.push(notAllowed(`decode.fields.${name}`, type, allowed));
  }
}
