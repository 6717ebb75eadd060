/**
 * Lists of keys, each in the order of their canonical texts, read as one: state and blocks are saved so (TABLE-2).
 *
 * ORDER-1 Each key comes once, in that order, with what each source has for it, in the order of the sources.
 * ORDER-2 Of each source one key is held at a time.
 * ORDER-3 A source that is not in order, or has a key twice, is no list of keys: what is behind it would count as another key.
 *
 * Hot: once for each key of a state. One source is mostly far longer than the others, so whoever came last is looked at first.
 */
import type { KeyValue } from '../pipeline/pipeline.ts';
import { canonicalKey } from './key-group.ts';
import type { GivenRun, SavedKey, SavedWindow } from './saved-windows.ts';

export type KeyOfSources = {
  readonly canonical: string;
  readonly keyValues: readonly KeyValue[];
  readonly found: readonly FoundKey[];
};

export type FoundKey = {
  readonly source: number;
  readonly windows: readonly SavedWindow[];
  readonly given: readonly GivenRun[] | undefined;
};

type Cursor = {
  readonly source: number;
  readonly rest: Iterator<SavedKey>;
  canonical: string;
  key: SavedKey;
};

export function* keysInOrder(sources: readonly Iterable<SavedKey>[]): Generator<KeyOfSources> {
  /** The first to come is the last: it is taken and put back at the end of the list. */
  const cursors: Cursor[] = [];
  for (const [source, keys] of sources.entries()) {
    const rest = keys[Symbol.iterator]();
    const first = rest.next();
    if (first.done !== true)
      insert(cursors, { source, rest, key: first.value, canonical: canonicalKey(first.value[0]) });
  }
  for (let next = cursors.pop(); next !== undefined; next = cursors.pop()) {
    const { source, canonical, key } = next;
    const found: FoundKey[] = [{ source, windows: key[1], given: key[2] }];
    putBack(cursors, next, next);
    while (cursors.at(-1)?.canonical === canonical) {
      const same = cursors.pop()!;
      found.push({ source: same.source, windows: same.key[1], given: same.key[2] });
      // What comes next is mostly the same key in all of them, too: its text is made once.
      putBack(cursors, same, next);
    }
    yield { canonical, keyValues: key[0], found };
  }
}

/** With its next key, if it has one. `known`: it may be the key of that cursor. */
function putBack(cursors: Cursor[], cursor: Cursor, known: Cursor): void {
  const next = cursor.rest.next();
  if (next.done === true) return;
  const key = next.value;
  const canonical = isSame(key[0], known.key[0]) ? known.canonical : canonicalKey(key[0]);
  if (canonical <= cursor.canonical) throw new Error(`key ${canonical} comes after ${cursor.canonical}`);
  insert(cursors, Object.assign(cursor, { key, canonical }));
}

function insert(cursors: Cursor[], cursor: Cursor): void {
  const last = cursors.at(-1);
  if (last === undefined || isBefore(cursor, last)) {
    cursors.push(cursor);
    return;
  }
  let [from, upTo] = [0, cursors.length - 1];
  while (from < upTo) {
    const middle = (from + upTo) >> 1;
    if (isBefore(cursor, cursors[middle]!)) from = middle + 1;
    else upTo = middle;
  }
  cursors.splice(from, 0, cursor);
}

const isBefore = (one: Cursor, other: Cursor): boolean =>
  one.canonical === other.canonical ? one.source < other.source : one.canonical < other.canonical;

const isSame = (one: readonly KeyValue[], other: readonly KeyValue[]): boolean =>
  one.length === other.length && one.every((value, at) => value === other[at]);
