/**
 * Which fields of a payload a schema looks at, if that can be known.
 *
 * READS-1 A schema is said to read some fields only if its answer is the same for any two objects that agree in those. So validating an
 *    object of those fields is validating the payload.
 * READS-2 What is not known of a schema is no reason to guess: then payloads are parsed as a whole.
 *
 * JSON Schema, which libraries give with Standard JSON Schema, does not say it: without `additionalProperties` zod means that other
 * fields are left out, arktype that they are kept; a function that zod runs before the schema (`preprocess`) is not in it, and neither is
 * what a refinement or a trimmed text does. So it is asked of what a library itself says its schemas are made of.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { declaredNames } from '../declared-fields.ts';
import { libraryValidates } from './library-validates.ts';
import { maxFields } from './member-reader.ts';
import { fieldsOfValibot, partOfValibot } from './valibot-fields.ts';
import { type FieldsOfSchema, fieldsNamed, whole } from './what-is-read.ts';
import { fieldsOfZod, partOfZod } from './zod-fields.ts';

export function fieldsOfSchema(schema: StandardSchemaV1): FieldsOfSchema {
  const names = declaredNames(schema);
  const found = names === undefined ? askVendor(schema) : fieldsNamed(names);
  return found.kind === 'fields' ? withinLimits([...new Set(found.names)]) : found;
}

function askVendor(schema: StandardSchemaV1): FieldsOfSchema {
  const { vendor } = schema['~standard'];
  try {
    if (vendor === 'zod') return validatedBy(schema, partOfZod, fieldsOfZod(schema));
    if (vendor === 'valibot') return validatedBy(schema, partOfValibot, fieldsOfValibot(schema));
  } catch {
    // Shapes may be made by code of the user's own.
    return whole('its definition can not be looked at');
  }
  return whole('only schemas of zod 4 and valibot say which fields they read');
}

function validatedBy(
  schema: StandardSchemaV1,
  partOf: (schema: unknown) => unknown,
  found: FieldsOfSchema,
): FieldsOfSchema {
  if (found.kind === 'whole' || libraryValidates(schema, partOf(schema))) return found;
  return whole('it is not validated by its library alone');
}

function withinLimits(names: readonly string[]): FieldsOfSchema {
  if (names.length > maxFields) return whole(`it reads ${names.length} fields, more than ${maxFields}`);
  // Any object has these, whatever the payload is; and a name that is no text in UTF-8 is no key of a payload.
  const odd = names.find((name) => name in Object.prototype || !name.isWellFormed());
  return odd === undefined ? fieldsNamed(names) : whole(`it reads a field named '${odd}'`);
}
