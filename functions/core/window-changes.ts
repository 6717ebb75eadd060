/**
 * What a batch does to the windows of a key: which give out a result, which change, and which are no more.
 *
 * CHANGE-1 What is held goes by what gives out a result or changes, not by what is there.
 * CHANGE-2 What is not named stays as it is saved: of a window that nothing is to be done about, no accumulator is read.
 * CHANGE-3 Of windows that merge it is decided here which are late, when those of the state and of all blocks have merged: so it
 *    does not hang on which executor read what, or on the order of the blocks.
 * CHANGE-4 A window gives out its result in the batch in which it closes, and until it is over in each batch that changes it. In
 *    update mode it does so in each batch that changes it, and not when it closes; in complete mode in each batch until it is over.
 * CHANGE-5 A window that rows were given out of, and that is part of another one now, takes them back.
 * CHANGE-6 Where results are discarded each is of what has come since the one before, so nothing takes them back, and where
 *    nothing has come there is none. Windows of which everything was given out are saved without accumulators.
 * CHANGE-7 A total is one result of its key, whatever its window has become. When it is over it is taken back, unless the input has
 *    ended; also in the batch in which it has changed, behind what that gives out.
 */
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { Window } from '../windows/window-kind.ts';
import { accumulated, type Parts } from './accumulated.ts';
import { endOfTime } from './end-of-time.ts';
import type { ChangedWindow, KeyChange, LateWindow, ResultWindow, RetractedWindow, Watermarks } from './key-change.ts';
import { type KeyedOperator, keyByKey, type OperatorRules } from './keyed-operator.ts';
import type { KeyOfSources } from './keys-in-order.ts';
import { paneChanges } from './pane-changes.ts';
import { allTime, timingOf } from './result-version.ts';
import type { Given, SavedWindow } from './saved-windows.ts';
import { byTime, hasClosed, isClosing, isLate, isOver, mergedFrom } from './windows.ts';

export const windowAggregate: KeyedOperator = {
  *changesOf(keys, rules) {
    const { kind, options } = rules.aggregation.window;
    const panes = kind.panes?.(options);
    const changeOfKey =
      panes === undefined ? changeOfWindows : (key: KeyOfSources) => paneChanges(key, { ...rules, panes });
    yield* keyByKey(changeOfKey)(keys, rules);
  },
};

const changeOfWindows = (key: KeyOfSources, rules: Rules): KeyChange | undefined =>
  isLeftAlone(key) && rules.aggregation.mode !== 'complete' ? passingOf(key, rules) : changeOf(key, rules);

type Rules = OperatorRules;
const ofState = 0;

const isLeftAlone = ({ found }: KeyOfSources): boolean => found.length === 1 && found[0]!.source === ofState;

/** Nothing has come for the key: what the watermark alone does. Windows that merge were merged when they were saved. */
function passingOf({ canonical, keyValues, found }: KeyOfSources, rules: Rules): KeyChange | undefined {
  const { aggregation, watermarks } = rules;
  const passing = found[0]!.windows.filter(([start, end]) => isReached(aggregation.window, { start, end }, watermarks));
  if (passing.length === 0) return undefined;
  return decided({ canonical, keyValues }, passing.map(partOfState), rules);
}

/** Its end, or the time when it is over. */
function isReached(spec: Aggregation['window'], window: Window, { watermarkIn, watermarkOut }: Watermarks): boolean {
  return (
    (isClosing(spec, window, watermarkOut) && !hasClosed(spec, window, watermarkIn)) ||
    isOver(spec, window, watermarkOut)
  );
}

function changeOf({ canonical, keyValues, found }: KeyOfSources, rules: Rules): KeyChange {
  return decided({ canonical, keyValues }, mergedParts(partsByWindow(found), rules), rules);
}

function decided(
  key: Pick<KeyChange, 'canonical' | 'keyValues'>,
  windows: readonly PartsOfKey[],
  rules: Rules,
): KeyChange {
  const { window: spec } = rules.aggregation;
  const { late, inTime } = parted(windows, rules);
  const change = { ...key, results: [], changed: [], removed: [], retracted: [], late } as Collected;
  for (const window of inTime) {
    const final = isOver(spec, window, rules.watermarks.watermarkOut);
    replace(window, final, change, rules);
    const after = windowAfter(window, final, rules);
    if (after === undefined) {
      if (final && isForgotten(window, rules)) change.retracted.push(retractionOf(window, rules));
      continue;
    }
    if (isResult(after)) change.results.push(after);
    if (!final) change.changed.push(after);
  }
  return change;
}

/** A change that is being made. */
type Collected = KeyChange & {
  readonly results: ResultWindow[];
  readonly changed: ChangedWindow[];
  readonly removed: KeyChange['removed'][number][];
  readonly retracted: RetractedWindow[];
};

/** Of windows that do not merge the executors have left out what is late. */
function parted(
  windows: readonly PartsOfKey[],
  { aggregation: { window: spec }, watermarks }: Rules,
): { readonly late: readonly LateWindow[]; readonly inTime: readonly PartsOfKey[] } {
  if (spec.kind.merge === undefined) return { late: none, inTime: windows };
  const isPast = (window: Window) => isLate(spec, window, watermarks.watermarkIn);
  const late = windows.filter(isPast);
  return { late, inTime: late.length === 0 ? windows : windows.filter((window) => !isPast(window)) };
}

function replace(
  { replaces, start, end }: PartsOfKey,
  final: boolean,
  { removed, retracted }: Collected,
  rules: Rules,
): void {
  for (const part of replaces) {
    const isOther = byTime(part, { start, end }) !== 0;
    if (final || isOther) removed.push([part.start, part.end]);
    if (isOther && !isTotal(rules) && hasRows(part) && rules.aggregation.discards !== true)
      retracted.push(retractionOf(part, rules));
  }
}

const isResult = (window: ChangedWindow | ResultWindow): window is ResultWindow => 'version' in window;

/** Undefined: there is nothing to say of it, or nothing left. */
function windowAfter(window: PartsOfKey, final: boolean, rules: Rules): ChangedWindow | ResultWindow | undefined {
  const gives = givesResult(window, rules);
  if (!gives && (final || !window.isNew)) return undefined;
  const changed = { ...accumulated(window, rules.functions), given: window.given, ...named(window, rules) };
  if (!gives) return changed;
  const timing = timingOf(rules.aggregation.window, window, rules.watermarks);
  const version = { revision: window.given?.[0] ?? 0, timing, final: final && !isTotal(rules) };
  return { ...changed, version, ...(final && isForgotten(window, rules) ? { isForgotten: true } : {}) };
}

const isTotal = ({ aggregation }: Rules): boolean => aggregation.window.kind.isTotal === true;

/** What its result is of, where that is not what its events were counted in. */
function named({ start, end }: Window, rules: Rules): Partial<Pick<ChangedWindow, 'start' | 'end' | 'held'>> {
  return isTotal(rules) ? { ...allTime, held: { start, end } } : {};
}

/** Of one that is over: rows of it, of before or of this batch, are taken back. */
function isForgotten({ isNew, given }: PartsOfKey, rules: Rules): boolean {
  const { aggregation, watermarks } = rules;
  if (!isTotal(rules) || aggregation.discards === true || watermarks.watermarkOut === endOfTime) return false;
  return isNew || (given !== undefined && given[1] > 0);
}

const hasRows = ({ given }: HeldWindow): boolean => given !== undefined && given[1] > 0;

/** Of a window of which all has been given out there is nothing to give. */
const givesResult = (window: PartsOfKey, rules: Rules): boolean =>
  isDue(window, rules) && window.parts.some((saved) => saved.length > 0);

function isDue(window: PartsOfKey, { aggregation, watermarks }: Rules): boolean {
  const { window: spec, mode } = aggregation;
  const closes = isClosing(spec, window, watermarks.watermarkOut);
  if (spec.kind.isTotal === true) return window.isNew || (mode === 'complete' && !closes);
  if (mode === 'complete') return true;
  if (window.isNew) return closes || mode === 'update';
  if (!closes || hasClosed(spec, window, watermarks.watermarkIn)) return false;
  return mode !== 'update' || window.given === undefined;
}

function retractionOf({ start, end, given }: HeldWindow, rules: Rules): RetractedWindow {
  const timing = timingOf(rules.aggregation.window, { start, end }, rules.watermarks);
  const version = { revision: given![0], timing, final: !isTotal(rules) };
  return { ...(isTotal(rules) ? allTime : { start, end }), given, version };
}

type HeldWindow = Window & { readonly given: Given | undefined };
type PartsOfKey = Parts &
  HeldWindow & {
    readonly parts: (readonly unknown[])[];
    /** A block has some of it, or it is made of several. */
    isNew: boolean;
    /** Of blocks, where it is told. */
    events: number;
    /** Those of the state that it is made of, itself among them. */
    readonly replaces: readonly HeldWindow[];
  };

const none: readonly never[] = [];

function partOfState([start, end, saved, mark]: SavedWindow): PartsOfKey {
  const given = givenIn(mark);
  return { start, end, parts: [saved], given, isNew: false, events: 0, replaces: [{ start, end, given }] };
}

/** A state has no ranks. */
const givenIn = (mark: SavedWindow[3]): Given | undefined => (typeof mark === 'object' ? (mark as Given) : undefined);

function partOfBlock([start, end, saved, mark]: SavedWindow): PartsOfKey {
  return { start, end, parts: [saved], given: undefined, isNew: true, events: eventsIn(mark), replaces: none };
}

const eventsIn = (mark: SavedWindow[3]): number => (typeof mark === 'number' ? mark : 0);

/** Of one window they are in the order of the sources: the first is the state's, if it has any. */
function partsByWindow(found: KeyOfSources['found']): PartsOfKey[] {
  const apart: PartsOfKey[] = [];
  for (const { source, windows } of found) join(apart, windows, source === ofState ? partOfState : partOfBlock);
  return apart;
}

/** Both are by start and end. */
function join(apart: PartsOfKey[], windows: readonly SavedWindow[], partOf: (window: SavedWindow) => PartsOfKey): void {
  let at = 0;
  for (const window of windows) {
    const part = partOf(window);
    while (at < apart.length && byTime(apart[at]!, part) < 0) at++;
    const known = apart[at];
    if (known !== undefined && byTime(known, part) === 0) {
      known.parts.push(...part.parts);
      known.isNew = true;
      known.events += part.events;
    } else apart.splice(at, 0, part);
  }
}

function mergedParts(windows: PartsOfKey[], { aggregation, functions }: Rules): PartsOfKey[] {
  const { kind } = aggregation.window;
  if (kind.merge === undefined || windows.length < 2) return windows;
  return mergedFrom(kind.merge, windows).map(([bounds, own]) => {
    if (own.length === 1 && byTime(own[0]!, bounds) === 0) return own[0]!;
    const parts = own.map((window) => {
      const { accumulators } = accumulated(window, functions);
      return functions.map((fn, at) => fn.save(accumulators[at]));
    });
    const events = own.reduce((sum, { events: each }) => sum + each, 0);
    const replaces = own.flatMap((window) => window.replaces);
    const itself = replaces.find((part) => kind.isTotal === true || byTime(part, bounds) === 0);
    const given = itself?.given;
    return { start: bounds.start, end: bounds.end, parts, given, isNew: true, events, replaces };
  });
}
