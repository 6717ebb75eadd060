/** Options as they were written: names and values, not yet checked. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** A copy that neither its writer nor its reader can change, one level of nested objects included. */
export function frozenCopy(options: object | undefined): RawOptions {
  const entries = Object.entries(options ?? {}).map(([name, value]) => [
    name,
    isPlainObject(value) ? Object.freeze({ ...value }) : value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

export function isPlainObject(value: unknown): value is RawOptions {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
