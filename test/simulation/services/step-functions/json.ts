/** What goes between states: JSON, never changed in place, so that parts can be shared. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

/** As if it went over the wire: what JSON does not have is left out, or null where something must be. */
export function copyJson(value: unknown): Json {
  return copyOf(value) ?? null;
}

function copyOf(value: unknown): Json | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'bigint') throw new TypeError(`${value}n is no JSON`);
  if (typeof value !== 'object') return undefined;
  if (Array.isArray(value)) return Array.from(value, copyJson);
  if ('toJSON' in value && typeof value.toJSON === 'function') return copyOf(value.toJSON());
  const copy: Record<string, Json> = {};
  for (const [name, part] of Object.entries(value)) {
    const copied = copyOf(part);
    if (copied !== undefined) copy[name] = copied;
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
