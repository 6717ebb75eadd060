/** Which fields of a payload are looked at, or why that is not known. */

export type FieldsOfSchema =
  | { readonly kind: 'fields'; readonly names: readonly string[] }
  /** `why`: one sentence's worth, about the schema. */
  | { readonly kind: 'whole'; readonly why: string };

export const fieldsNamed = (names: readonly string[]): FieldsOfSchema => ({ kind: 'fields', names });
export const whole = (why: string): FieldsOfSchema => ({ kind: 'whole', why });

/** Of several schemas that are each given the payload. */
export function allOf(parts: readonly FieldsOfSchema[]): FieldsOfSchema {
  const unknown = parts.find(({ kind }) => kind === 'whole');
  return unknown ?? fieldsNamed(parts.flatMap((part) => (part.kind === 'fields' ? part.names : [])));
}

/** Schemas of recursive types have no end. */
export const maxDepth = 16;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  (typeof value === 'object' || typeof value === 'function') && value !== null;
