/** The tree of a table's keys, a level for each part of a key. */
import type { KeyValue } from '../pipeline/pipeline.ts';
import { canonicalKey } from './key-group.ts';
import { ownText } from './own-text.ts';
import { WindowsOfKey } from './windows-of-key.ts';

export type KeyNode = Map<KeyValue, KeyNode | WindowsOfKey>;

export type KeyOfTable = {
  readonly canonical: string;
  readonly keyValues: readonly KeyValue[];
  readonly node: WindowsOfKey;
};

/** In no order. `depth`: how many parts a key has. */
export function keysOfTable(root: KeyNode, depth: number): KeyOfTable[] {
  const entries: KeyOfTable[] = [];
  const walk = (node: KeyNode, before: readonly KeyValue[]): void => {
    for (const [value, next] of node) {
      const keyValues = depth === 0 ? [] : before.length === 0 ? [value] : [...before, value];
      if (next instanceof WindowsOfKey) entries.push({ canonical: canonicalKey(keyValues), keyValues, node: next });
      else walk(next, keyValues);
    }
  };
  walk(root, []);
  return entries;
}

/** By canonical text, of which no two have the same. Changes the list. */
export const inOrder = (keys: KeyOfTable[]): KeyOfTable[] =>
  keys.sort((one, other) => (one.canonical < other.canonical ? -1 : 1));

export function getOrSet<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** A key that is kept is a copy. */
export function ofKey<Value>(map: Map<KeyValue, Value>, key: KeyValue, make: () => Value): Value {
  return map.get(key) ?? getOrSet(map, typeof key === 'string' ? ownText(key) : key, make);
}
