/**
 * What a schema of valibot reads: its schemas are objects that hold what they are made of.
 *
 * `object` leaves out other fields before any further action of a pipe sees the event.
 */
import { allOf, type FieldsOfSchema, fieldsNamed, isRecord, maxDepth, whole } from './what-is-read.ts';

/** What valibot's own functions make. A fallback sees what came; whatever else there is may do anything. */
const parts: ReadonlySet<string> = new Set([
  ...['kind', 'type', 'reference', 'expects', 'async', 'message', '~run', '~standard'],
  ...['entries', 'options', 'key', 'pipe'],
]);
const looksAtAll: ReadonlySet<string> = new Set(['loose_object', 'strict_object', 'object_with_rest']);

export function fieldsOfValibot(schema: unknown, depth = 0): FieldsOfSchema {
  if (!isRecord(schema) || schema.kind !== 'schema') return whole('it is no schema of valibot');
  if (schema.async !== false) return whole('it is asynchronous');
  const type = String(schema.type);
  if (looksAtAll.has(type)) return whole('it looks at all fields (looseObject, strictObject, objectWithRest)');
  const other = Object.keys(schema).find((part) => !parts.has(part));
  if (other !== undefined) return whole(`its definition has a part that is not known: ${other}`);
  // In a pipe, the first schema is given the payload, and what follows is given its answer.
  if (Array.isArray(schema.pipe) && depth < maxDepth) return fieldsOfValibot(schema.pipe[0], depth + 1);
  if (type === 'object' && isRecord(schema.entries)) return fieldsNamed(namesIn(schema.entries));
  const hasOptions = type === 'variant' || type === 'union' || type === 'intersect';
  if (!hasOptions || !Array.isArray(schema.options) || depth > maxDepth) return whole(`it is of the type '${type}'`);
  return allOf([chosenBy(schema.key), ...schema.options.map((option) => fieldsOfValibot(option, depth + 1))]);
}

/** Any schema that one with known fields is made of; of an object without fields, another one. */
export function partOfValibot(schema: unknown): unknown {
  const { pipe, entries, options, reference } = schema as Record<string, object | undefined>;
  return Object.values(pipe ?? entries ?? options ?? {})[0] ?? (reference as (entries: object) => unknown)({});
}

const chosenBy = (key: unknown): FieldsOfSchema => fieldsNamed(typeof key === 'string' ? [key] : []);

/** As valibot goes through them: inherited ones too. */
function namesIn(entries: Record<string, unknown>): string[] {
  const names: string[] = [];
  for (const name in entries) names.push(name);
  return names;
}
