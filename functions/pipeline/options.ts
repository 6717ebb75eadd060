/** Options as they were written: names and values, not yet checked. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** Under it stands what was given in the place of options, where that has no names. */
const instead = Symbol('in the place of options');

/**
 * A copy that neither its writer nor its reader can change, one level of nested objects included. What is no object is kept for
 * whoever reads the options, and refuses it (`givenInstead`).
 */
export function frozenCopy(options: object | undefined): RawOptions {
  if (options !== undefined && !hasNames(options)) return Object.freeze({ [instead]: options });
  const entries = Object.entries(options ?? {}).map(([name, value]) => [
    name,
    isPlainObject(value) ? Object.freeze({ ...value }) : value,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

/** Undefined: they are options. */
export function givenInstead(options: RawOptions): { readonly value: unknown } | undefined {
  return instead in options ? { value: options[instead as never] } : undefined;
}

const hasNames = (given: unknown): boolean => typeof given === 'object' && given !== null && !Array.isArray(given);

export function isPlainObject(value: unknown): value is RawOptions {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
