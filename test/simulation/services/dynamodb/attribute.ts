/**
 * Attribute values and items: taken in once, checked, never changed after. Values are frozen; items are not, since
 * copying frozen objects is slow: callers are given copies.
 */
import { malformed, notSimulated, refuse } from './errors.ts';
import { compareNumbers, normalNumber, numberBytes } from './number-text.ts';
import { compareText, utf8Bytes } from './text-order.ts';

export type Attribute = { readonly S?: string; readonly N?: string; readonly B?: Uint8Array };
export type StoredItem = Readonly<Record<string, Attribute>>;
export type AttributeType = 'S' | 'N' | 'B';

export const typeOf = (value: Attribute): AttributeType =>
  value.S !== undefined ? 'S' : value.N !== undefined ? 'N' : 'B';

export function takeItem(given: unknown): StoredItem {
  // Objects that grow attribute by attribute are slow to copy.
  const item = { ...asRecord(given) };
  for (const name in item) {
    if (item[name] === undefined) delete item[name];
    else item[name] = takeAttribute(item[name]);
  }
  return item as StoredItem;
}

export function takeAttribute(given: unknown): Attribute {
  const value = asRecord(given);
  let count = 0;
  for (const type in value) {
    if (value[type] === undefined) continue;
    if (type !== 'S' && type !== 'N' && type !== 'B') throw notSimulated(`values of type ${type}`);
    count += 1;
  }
  if (count !== 1) throw refuse('Supplied AttributeValue must contain exactly one of the supported datatypes');
  const { S, N, B } = value;
  if (S !== undefined) return Object.freeze({ S: asText(S) });
  if (N !== undefined) return Object.freeze({ N: normalNumber(asText(N)) });
  if (!(B instanceof Uint8Array)) throw malformed('only base-64-encoded strings are convertible to bytes');
  return Object.freeze({ B: new Uint8Array(B) });
}

export function asRecord(given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw malformed('a structure was expected');
  return given as Readonly<Record<string, unknown>>;
}

/** JSON carries a lone half of a surrogate pair, UTF-8 cannot. */
function asText(given: unknown): string {
  if (typeof given !== 'string') throw malformed(`a ${typeof given} cannot be converted to String`);
  if (!given.isWellFormed()) throw malformed('text is not well-formed');
  return given;
}

export function bytesOf(item: StoredItem): number {
  let bytes = 0;
  for (const name in item) bytes += utf8Bytes(name) + valueBytes(item[name]!);
  return bytes;
}

function valueBytes({ S, N, B }: Attribute): number {
  if (S !== undefined) return utf8Bytes(S);
  return N === undefined ? B!.length : numberBytes(N);
}

/** Values of different types have no order: undefined. */
export function compareValues(one: Attribute, other: Attribute): number | undefined {
  if (one.S !== undefined) return other.S === undefined ? undefined : compareText(one.S, other.S);
  if (one.N !== undefined) return other.N === undefined ? undefined : compareNumbers(one.N, other.N);
  return other.B === undefined ? undefined : Buffer.compare(one.B!, other.B);
}

export function beginsWith(value: Attribute, prefix: Attribute): boolean {
  if (value.S !== undefined) return prefix.S !== undefined && value.S.startsWith(prefix.S);
  if (value.B === undefined || prefix.B === undefined || value.B.length < prefix.B.length) return false;
  return Buffer.compare(value.B.subarray(0, prefix.B.length), prefix.B) === 0;
}
