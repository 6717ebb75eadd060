/** What goes between states: JSON, never changed in place, so that parts can be shared. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

/** As if it went over the wire: what is undefined is left out, or null where something must be. */
export function copyJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value as Json;
  if (Array.isArray(value)) return value.map(copyJson);
  const copy: Record<string, Json> = {};
  for (const name in value) {
    const part = (value as Readonly<Record<string, unknown>>)[name];
    if (part !== undefined) copy[name] = copyJson(part);
  }
  return copy;
}

const measured = new WeakMap<object, number>();

/** Bytes of UTF-8. Most values pass several states and are measured once. */
export function jsonBytes(value: Json): number {
  if (typeof value !== 'object' || value === null) return Buffer.byteLength(JSON.stringify(value));
  const known = measured.get(value);
  if (known !== undefined) return known;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  measured.set(value, bytes);
  return bytes;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
