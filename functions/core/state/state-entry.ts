/**
 * What a batch, or several in a row, have changed of one key within one slice of the state.
 *
 * A slice is the end of a window where windows do not move and are decided alone; else there is one, 0. So what lies in a slice that is
 * over is known to be over without being read.
 *
 * ENTRY-1 A state with `composed(older, newer)` is that state with `older` and then with `newer`.
 * ENTRY-2 In which order entries in a row are composed, two at a time, changes nothing of what comes of them.
 * ENTRY-3 A window's bounds are in one of `upserts`, `added` and `removals` at most, each of them by start and end.
 */
import type { AggregateFunction } from '../../aggregates/aggregate-function.ts';
import { isUserCode } from '../../aggregates/gathered.ts';
import { byBounds } from '../patched-windows.ts';
import type { Bounds, GivenRun, SavedKey, SavedWindow } from '../saved-windows.ts';
import { getOrSet } from '../sorted-keys.ts';
import type { KeyDelta, StateDelta } from '../state-delta.ts';

export type StateEntry = {
  /** The key, as `canonicalKey` writes it: its values are in there. */
  readonly canonical: string;
  /** They take the place of what has their bounds. */
  readonly upserts: readonly SavedWindow[];
  /** They are merged with what has their bounds, or stand for themselves where nothing does. */
  readonly added: readonly SavedWindow[];
  /** What has these bounds is no more. */
  readonly removals: readonly Bounds[];
  /** Takes the place of all that was given out; absent: nothing was. */
  readonly given?: readonly GivenRun[];
};

/** Entries are ordered by slice, and in a slice by canonical key, compared with `<`. */
export type EntryOfSlice = readonly [slice: number, entry: StateEntry];

const none: readonly never[] = [];
/** In a `Change`, what is no more. */
const removed = 0;
const upsert = 1;
const add = 2;
type Change = { readonly does: 0 | 1 | 2; readonly bounds: Bounds | SavedWindow };

/** `functions`: of the aggregates, in the order of the accumulators. None is of user code: what that merges is never `added`. */
export function composed(older: StateEntry, newer: StateEntry, functions: readonly AggregateFunction[]): StateEntry {
  if (isOneAdded(older) && isOneAdded(newer) && byBounds(older.added[0]!, newer.added[0]!) === 0) {
    const added = [mergedWindow(older.added[0]!, newer.added[0]!, functions)];
    return newer.given === undefined ? { ...bare(older), added } : { ...bare(older), added, given: newer.given };
  }
  const changes = joined(changesOf(older), changesOf(newer), functions);
  const upserts = changes.filter(({ does }) => does === upsert).map(({ bounds }) => bounds as SavedWindow);
  const added = changes.filter(({ does }) => does === add).map(({ bounds }) => bounds as SavedWindow);
  const removals = changes.filter(({ does }) => does === removed).map(({ bounds }) => bounds as Bounds);
  const entry = { canonical: older.canonical, upserts, added, removals };
  return newer.given === undefined ? entry : { ...entry, given: newer.given };
}

const bare = ({ canonical }: StateEntry) => ({ canonical, upserts: none, added: none, removals: none });

const isOneAdded = ({ upserts, added, removals }: StateEntry): boolean =>
  added.length === 1 && upserts.length + removals.length === 0;

/** By start and end. */
function changesOf({ upserts, added, removals }: StateEntry): readonly Change[] {
  const changes: Change[] = [];
  for (const bounds of upserts) changes.push({ does: upsert, bounds });
  for (const bounds of added) changes.push({ does: add, bounds });
  for (const bounds of removals) changes.push({ does: removed, bounds });
  // One list alone is in order.
  if (changes.length === upserts.length || changes.length === added.length) return changes;
  return changes.sort((one, other) => byBounds(one.bounds, other.bounds));
}

function joined(
  older: readonly Change[],
  newer: readonly Change[],
  functions: readonly AggregateFunction[],
): readonly Change[] {
  const all: Change[] = [];
  let at = 0;
  for (const change of newer) {
    for (; at < older.length && byBounds(older[at]!.bounds, change.bounds) < 0; at++) all.push(older[at]!);
    if (at < older.length && byBounds(older[at]!.bounds, change.bounds) === 0) {
      all.push(oneAfterOther(older[at]!, change, functions));
      at += 1;
    } else all.push(change);
  }
  for (; at < older.length; at++) all.push(older[at]!);
  return all;
}

/** Of the same bounds. */
function oneAfterOther(older: Change, newer: Change, functions: readonly AggregateFunction[]): Change {
  if (newer.does !== add) return newer;
  // What was there is gone, and must stay gone whatever lies below: so it is replaced, not added to.
  if (older.does === removed) return { does: upsert, bounds: newer.bounds };
  const bounds = mergedWindow(older.bounds as SavedWindow, newer.bounds as SavedWindow, functions);
  return { does: older.does, bounds };
}

/** Where all of one was given out, it has no accumulators. */
function mergedWindow(older: SavedWindow, newer: SavedWindow, functions: readonly AggregateFunction[]): SavedWindow {
  const [start, end, , olderMark] = older;
  const mark = newer[3] ?? olderMark;
  const saved = mergedAccumulators(older[2], newer[2], functions);
  return mark === undefined ? [start, end, saved] : [start, end, saved, mark];
}

function mergedAccumulators(
  older: readonly unknown[],
  newer: readonly unknown[],
  functions: readonly AggregateFunction[],
): readonly unknown[] {
  if (newer.length === 0) return older;
  if (older.length === 0) return newer;
  const saved: unknown[] = [];
  for (let at = 0; at < functions.length; at++) {
    const fn = functions[at]!;
    if (isUserCode(fn)) throw new Error('an aggregate of user code is merged where its code may not run');
    saved.push(fn.save(fn.merge(fn.merge(fn.empty(), older[at]), newer[at])));
  }
  return saved;
}

/** The entry applied to nothing. Undefined: nothing is left of the key. */
export function settled({ canonical, upserts, added, given = none }: StateEntry): SavedKey | undefined {
  const windows = upserts.length === 0 ? added : added.length === 0 ? upserts : [...upserts, ...added].sort(byBounds);
  if (windows.length === 0) return undefined;
  const keyValues = JSON.parse(canonical) as SavedKey[0];
  return given.length === 0 ? [keyValues, windows] : [keyValues, windows, given];
}

/**
 * What a batch changes, as entries in order. `isAdded`: of a window among the upserts that it has only what is new, so that it is to be
 * merged with what is there. Only where no aggregate is of user code.
 */
export function entriesOf(
  delta: StateDelta,
  sliceOf: 'by-end' | 'one',
  isAdded: (window: SavedWindow) => boolean,
): Iterable<EntryOfSlice> {
  return sliceOf === 'one'
    ? delta.map((key): EntryOfSlice => [0, entryOf(key, key.upserts, key.removals, isAdded)])
    : entriesByEnd(delta, isAdded);
}

function entryOf(
  { canonical, given }: KeyDelta,
  windows: readonly SavedWindow[],
  removals: readonly Bounds[],
  isAdded: (window: SavedWindow) => boolean,
): StateEntry {
  const upserts = windows.filter((window) => !isAdded(window));
  const added = upserts.length === windows.length ? none : windows.filter(isAdded);
  const entry = { canonical, upserts, added, removals };
  return given === undefined ? entry : { ...entry, given };
}

function* entriesByEnd(delta: StateDelta, isAdded: (window: SavedWindow) => boolean): Generator<EntryOfSlice> {
  type OfEnd = { readonly upserts: SavedWindow[]; readonly removals: Bounds[] };
  const byEnd = new Map<number, Map<KeyDelta, OfEnd>>();
  const of = (key: KeyDelta, end: number): OfEnd =>
    getOrSet(
      getOrSet(byEnd, end, () => new Map<KeyDelta, OfEnd>()),
      key,
      () => ({ upserts: [], removals: [] }),
    );
  for (const key of delta) {
    if (key.given !== undefined) throw new Error(`${key.canonical}: windows that overlap are no slices of their own`);
    for (const window of key.upserts) of(key, window[1]).upserts.push(window);
    for (const bounds of key.removals) of(key, bounds[1]).removals.push(bounds);
  }
  for (const end of [...byEnd.keys()].sort((one, other) => one - other)) {
    for (const [key, { upserts, removals }] of byEnd.get(end)!) yield [end, entryOf(key, upserts, removals, isAdded)];
  }
}
