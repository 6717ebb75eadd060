/** Which keys of a state are asked for, as people and programs name them. */
import type { KeyValue } from '../../pipeline/pipeline.ts';
import { SluiceError } from '../errors.ts';
import { canonicalKey, keyGroupOf } from '../key-group.ts';
import type { StateShape } from './state-row.ts';

/** All values of one key in the order of `groupBy`, the value of a key of one, or some by name: keys that have those. */
export type AskedKey = KeyValue | readonly KeyValue[] | Readonly<Record<string, KeyValue>>;

export type AskedKeys = {
  readonly isAsked: (keyValues: readonly KeyValue[]) => boolean;
  /** The one key group in which they lie. Undefined: in any. */
  readonly group: number | undefined;
};

/** @throws SluiceError InvalidInput */
export function askedKeys(
  key: AskedKey,
  { keys }: Pick<StateShape, 'keys'>,
  { parallelism }: { readonly parallelism: number },
): AskedKeys {
  if (typeof key === 'object' && key !== null && !Array.isArray(key))
    return { isAsked: byName(key as Readonly<Record<string, KeyValue>>, keys), group: undefined };
  const values = (Array.isArray(key) ? key : [key]) as readonly KeyValue[];
  if (values.length !== keys.length || !values.every(isKeyValue))
    throw refused(key, `a list of ${keys.length === 1 ? 'one value' : `${keys.length} values`}`, keys);
  return {
    isAsked: (given) => values.every((value, at) => given[at] === value),
    group: keyGroupOf(canonicalKey(values), parallelism),
  };
}

function byName(key: Readonly<Record<string, KeyValue>>, keys: readonly string[]): AskedKeys['isAsked'] {
  const asked = Object.entries(key).map(([name, value]) => {
    const at = keys.indexOf(name);
    if (at < 0 || !isKeyValue(value)) throw refused(key, 'an object of texts, numbers, true, false or null', keys);
    return [at, value] as const;
  });
  return (given) => asked.every(([at, value]) => given[at] === value);
}

const isKeyValue = (value: unknown): value is KeyValue =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const refused = (key: unknown, form: string, keys: readonly string[]): SluiceError =>
  new SluiceError(
    'InvalidInput',
    `key ${JSON.stringify(key)} is none of this pipeline: use ${form} of ${keys.join(', ')}`,
  );
