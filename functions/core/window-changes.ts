/**
 * What a batch does to the windows of a key group, key by key: which close, which change, and which are no more.
 *
 * CHANGE-1 One pass over what was open before and over the blocks. What is held goes by what closes and changes, not by what
 *    is open.
 * CHANGE-2 What is not named stays as it is saved: of a window that stays open and that no block has anything for, no
 *    accumulator is read.
 * CHANGE-3 Of windows that merge it is decided here which are late, when those of the state and of all blocks have merged: so it
 *    does not hang on which executor read what, or on the order of the blocks.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import type { Aggregation, KeyValue } from '../pipeline/pipeline.ts';
import type { Window } from '../windows/window-kind.ts';
import { type KeyOfSources, keysInOrder } from './keys-in-order.ts';
import type { SealedBatch } from './model.ts';
import type { Bounds, SavedKey, SavedWindow } from './saved-windows.ts';
import { withoutUserCode } from './unmerged.ts';
import { byTime, isClosing, isLate, mergedFrom } from './windows.ts';
import type { OpenWindow } from './windows-of-key.ts';

export type WindowsOfGroup = {
  readonly before: Iterable<SavedKey>;
  readonly blocks: readonly Iterable<SavedKey>[];
};

/** Windows by start and end. */
export type KeyChange = {
  readonly canonical: string;
  readonly keyValues: readonly KeyValue[];
  readonly closed: readonly OpenWindow[];
  /** They stay open, and are no more what they were before, if they were. */
  readonly changed: readonly OpenWindow[];
  /** Were open before, and have closed or become part of others. */
  readonly removed: readonly Bounds[];
  /** Of kinds that merge: closed before the batch, and part of none that had not. Nothing is left of them but their numbers. */
  readonly late: readonly LateWindow[];
};

export type LateWindow = Window & { readonly events: number };

/** Of keys without a change nothing. */
export function* windowChanges(
  aggregation: Aggregation,
  watermarks: Watermarks,
  { before, blocks }: WindowsOfGroup,
): Generator<KeyChange> {
  const rules = { aggregation, watermarks, functions: withoutUserCode(aggregation) };
  for (const key of keysInOrder([before, ...blocks])) {
    const change = isLeftAlone(key) ? closingOf(key, rules) : changeOf(key, rules);
    if (change !== undefined) yield change;
  }
}

/** That the batch begins with, and that it ends with. */
export type Watermarks = Pick<SealedBatch, 'watermarkIn' | 'watermarkOut'>;

type Rules = {
  readonly aggregation: Aggregation;
  readonly watermarks: Watermarks;
  readonly functions: readonly AggregateFunction[];
};
const ofState = 0;

const isLeftAlone = ({ found }: KeyOfSources): boolean => found.length === 1 && found[0]!.source === ofState;

/** Windows that merge were merged when they were saved. */
function closingOf({ canonical, keyValues, found }: KeyOfSources, rules: Rules): KeyChange | undefined {
  const { aggregation, watermarks, functions } = rules;
  const { watermarkOut } = watermarks;
  const closing = found[0]!.windows.filter(([start, end]) =>
    isClosing(aggregation.window, { start, end }, watermarkOut),
  );
  if (closing.length === 0) return undefined;
  const closed = closing.map(([start, end, saved]) => accumulated({ start, end, parts: [saved] }, functions));
  const removed = closed.map(({ start, end }): Bounds => [start, end]);
  return { canonical, keyValues, closed, changed: none, removed, late: none };
}

const none: readonly never[] = [];

function changeOf({ canonical, keyValues, found }: KeyOfSources, rules: Rules): KeyChange {
  const closed: OpenWindow[] = [];
  const changed: OpenWindow[] = [];
  const removed: Bounds[] = [];
  const late: LateWindow[] = [];
  const { window: spec } = rules.aggregation;
  const { watermarkIn, watermarkOut } = rules.watermarks;
  for (const window of mergedParts(partsByWindow(found), rules)) {
    // Of others the executors have left out what is late.
    if (spec.kind.merge !== undefined && isLate(spec, window, watermarkIn)) {
      late.push(window);
      continue;
    }
    const isOver = isClosing(spec, window, watermarkOut);
    for (const bounds of window.replaces) if (isOver || !isAt(window, bounds)) removed.push(bounds);
    if (isOver) closed.push(accumulated(window, rules.functions));
    else if (window.isNew) changed.push(accumulated(window, rules.functions));
  }
  return { canonical, keyValues, closed, changed, removed, late };
}

const isAt = (window: Window, [start, end]: Bounds): boolean => window.start === start && window.end === end;

/** What was saved of a window, here and there. */
type Parts = Window & { readonly parts: (readonly unknown[])[] };
type PartsOfKey = Parts & {
  /** A block has some of it, or it is made of several. */
  isNew: boolean;
  /** Of blocks, where it is told. */
  events: number;
  /** Those of the state that it is made of, itself among them. */
  readonly replaces: readonly Bounds[];
};

/** Of one window they are in the order of the sources: the first is the state's, if it has any. */
function partsByWindow(found: KeyOfSources['found']): PartsOfKey[] {
  const apart: PartsOfKey[] = [];
  for (const { source, windows } of found) join(apart, windows, source !== ofState);
  return apart;
}

/** Both are by start and end. */
function join(apart: PartsOfKey[], windows: readonly SavedWindow[], isNew: boolean): void {
  let at = 0;
  for (const [start, end, saved, events = 0] of windows) {
    const bounds = { start, end };
    while (at < apart.length && byTime(apart[at]!, bounds) < 0) at++;
    const known = apart[at];
    if (known !== undefined && byTime(known, bounds) === 0) {
      known.parts.push(saved);
      known.isNew = true;
      known.events += events;
    } else apart.splice(at, 0, { start, end, parts: [saved], isNew, events, replaces: isNew ? none : [[start, end]] });
  }
}

function mergedParts(windows: PartsOfKey[], { aggregation, functions }: Rules): PartsOfKey[] {
  const { kind } = aggregation.window;
  if (kind.merge === undefined || windows.length < 2) return windows;
  return mergedFrom(kind.merge, windows).map(([{ start, end }, own]) => {
    if (own.length === 1 && byTime(own[0]!, { start, end }) === 0) return own[0]!;
    const parts = own.map((window) => {
      const { accumulators } = accumulated(window, functions);
      return functions.map((fn, at) => fn.save(accumulators[at]));
    });
    const events = own.reduce((sum, { events: each }) => sum + each, 0);
    return { start, end, parts, isNew: true, events, replaces: own.flatMap(({ replaces }) => replaces) };
  });
}

/** Hot. */
function accumulated({ start, end, parts }: Parts, functions: readonly AggregateFunction[]): OpenWindow {
  const accumulators = functions.map((fn, at) => {
    let into = fn.empty();
    for (const saved of parts) into = fn.merge(into, saved[at]);
    return into;
  });
  return { start, end, accumulators };
}
