/** Which values may be a part of a key. */
import type { KeyValue } from '../pipeline/pipeline.ts';

export function isKeyValue(value: unknown): value is KeyValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      // Beyond 2^53 different whole numbers are one.
      return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
    default:
      return value === null;
  }
}

export function whatIsNoKey(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value))
    return "a whole number beyond 2^53 may stand for several; read it as text: json(schema, { largeIntegers: 'text' })";
  return 'use a string, a finite number, a boolean or null';
}
