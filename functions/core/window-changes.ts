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
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { Window } from '../windows/window-kind.ts';
import { accumulated, type Parts } from './accumulated.ts';
import type { KeyChange, LateWindow, Watermarks } from './key-change.ts';
import { type KeyOfSources, keysInOrder } from './keys-in-order.ts';
import { paneChanges } from './pane-changes.ts';
import type { Bounds, SavedKey, SavedWindow } from './saved-windows.ts';
import { withoutUserCode } from './unmerged.ts';
import { byTime, isClosing, isLate, mergedFrom } from './windows.ts';
import type { OpenWindow } from './windows-of-key.ts';

export type WindowsOfGroup = {
  readonly before: Iterable<SavedKey>;
  readonly blocks: readonly Iterable<SavedKey>[];
};

/** Of keys without a change nothing. */
export function* windowChanges(
  aggregation: Aggregation,
  watermarks: Watermarks,
  { before, blocks }: WindowsOfGroup,
): Generator<KeyChange> {
  const rules = { aggregation, watermarks, functions: withoutUserCode(aggregation) };
  const { kind, options } = aggregation.window;
  const panes = kind.panes?.(options);
  for (const key of keysInOrder([before, ...blocks])) {
    const change =
      panes !== undefined
        ? paneChanges(key, { ...rules, panes })
        : isLeftAlone(key)
          ? closingOf(key, rules)
          : changeOf(key, rules);
    if (change !== undefined) yield change;
  }
}

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

type PartsOfKey = Parts & {
  readonly parts: (readonly unknown[])[];
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
