/**
 * Attribute values and items: taken in once, checked, never changed after. Values are frozen; items are not, since
 * copying frozen objects is slow: callers are given copies.
 */
import { malformed, notSimulated, refuse } from './errors.ts';
import { compareNumbers, normalNumber, numberBytes } from './number-text.ts';
import { compareText, utf8Bytes } from './text-order.ts';

export type Attribute = {
  readonly S?: string;
  readonly N?: string;
  readonly B?: Uint8Array;
  readonly BOOL?: boolean;
  readonly NULL?: true;
  readonly L?: readonly Attribute[];
  readonly M?: StoredItem;
};
export type StoredItem = Readonly<Record<string, Attribute>>;
export type AttributeType = keyof Attribute;

const types: ReadonlySet<string> = new Set<AttributeType>(['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M']);

export const typeOf = (value: Attribute): AttributeType => Object.keys(value)[0] as AttributeType;

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
    if (!types.has(type)) throw notSimulated(`values of type ${type}`);
    count += 1;
  }
  if (count !== 1) throw refuse('Supplied AttributeValue must contain exactly one of the supported datatypes');
  const { S, N, B, BOOL, NULL, L, M } = value;
  if (BOOL !== undefined) return Object.freeze({ BOOL: BOOL === true });
  if (NULL !== undefined) return Object.freeze({ NULL: true });
  if (Array.isArray(L)) return Object.freeze({ L: Object.freeze(L.map(takeAttribute)) });
  if (M !== undefined) return Object.freeze({ M: Object.freeze(takeItem(M)) });
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

function valueBytes({ S, N, B, L, M }: Attribute): number {
  if (S !== undefined) return utf8Bytes(S);
  if (L !== undefined) return 3 + L.reduce((sum, each) => sum + 1 + valueBytes(each), 0);
  if (M !== undefined) return 3 + Object.keys(M).length + bytesOf(M);
  if (N === undefined && B === undefined) return 1;
  return N === undefined ? B!.length : numberBytes(N);
}

/** Values of different types have no order: undefined. */
export function compareValues(one: Attribute, other: Attribute): number | undefined {
  if (one.S !== undefined) return other.S === undefined ? undefined : compareText(one.S, other.S);
  if (one.N !== undefined) return other.N === undefined ? undefined : compareNumbers(one.N, other.N);
  return one.B === undefined || other.B === undefined ? undefined : Buffer.compare(one.B, other.B);
}

export function beginsWith(value: Attribute, prefix: Attribute): boolean {
  if (value.S !== undefined) return prefix.S !== undefined && value.S.startsWith(prefix.S);
  if (value.B === undefined || prefix.B === undefined || value.B.length < prefix.B.length) return false;
  return Buffer.compare(value.B.subarray(0, prefix.B.length), prefix.B) === 0;
}
