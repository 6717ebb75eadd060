/**
 * What a batch does to the panes of a key: which windows give out a result, which panes change, and which are no more.
 *
 * PANES-1 A window closes in the batch whose watermark reaches its end, if any of its panes has events by then. What it gives out then
 *    and until it is over, or in update mode, is as of windows that do not overlap (CHANGE-4): each window that holds a pane that
 *    a block has something for has changed.
 * PANES-2 A pane is there until the last window that holds it is over. What comes for it counts in those of its windows that are not.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import type { Aggregation } from '../pipeline/pipeline.ts';
import { firstEndAfter, firstEndOf, firstStartOf, lastEndOf } from '../windows/panes.ts';
import type { Panes, Window, WindowSpec } from '../windows/window-kind.ts';
import { accumulated } from './accumulated.ts';
import { givenAt } from './given-runs.ts';
import type { GivenOfPanes, KeyChange, ResultWindow, Watermarks } from './key-change.ts';
import type { KeyOfSources } from './keys-in-order.ts';
import { PanesOfKey } from './panes-of-key.ts';
import { timingOf } from './result-version.ts';
import type { Bounds, GivenRun, SavedWindow } from './saved-windows.ts';
import { hasClosed, overBy } from './windows.ts';

type Rules = {
  readonly aggregation: Aggregation;
  readonly panes: Panes;
  readonly watermarks: Watermarks;
  readonly functions: readonly AggregateFunction[];
};

const ofState = 0;
const none: readonly never[] = [];

/** Undefined: nothing. */
export function paneChanges({ canonical, keyValues, found }: KeyOfSources, rules: Rules): KeyChange | undefined {
  const { aggregation, panes, watermarks, functions } = rules;
  const before = found[0]!.source === ofState ? found[0]! : undefined;
  const state = before?.windows ?? none;
  const runs = before?.given ?? none;
  const blocks = found.filter(({ source }) => source !== ofState).map(({ windows }) => windows);
  const ofKey = new PanesOfKey(panes, state, blocks);
  const results = givingEnds(ofKey, runs, rules).flatMap((end) => resultOf(end, { ofKey, runs }, rules) ?? []);
  const over = overBy(aggregation.window, watermarks.watermarkOut);
  const from = firstStartOf(panes, over);
  const changed = ofKey.changed
    .filter(({ start }) => start >= from)
    .map((pane) => ({ ...accumulated(pane, functions), given: undefined }));
  const removed = [...startingBefore(state, from), ...ofKey.unneeded.filter(([start]) => start >= from)];
  if (results.length + changed.length + removed.length === 0) return undefined;
  const change = { canonical, keyValues, results, changed, removed, retracted: none, late: none };
  const stay = results.filter(({ version }) => !version.final);
  if (runs.length + stay.length === 0) return change;
  const given: GivenOfPanes = {
    ...{ before: runs, results: stay, everyMs: panes.everyMs },
    from: over === null ? -Infinity : firstEndAfter(panes, over),
  };
  return { ...change, given };
}

type OfKey = { readonly ofKey: PanesOfKey; readonly runs: readonly GivenRun[] };

/** Undefined: all that it has was given out, and is not given again. */
function resultOf(
  end: number,
  { ofKey, runs }: OfKey,
  { aggregation, panes, watermarks, functions }: Rules,
): ResultWindow | undefined {
  const start = end - panes.sizeMs;
  const given = givenAt(runs, end);
  const isNew = aggregation.discards === true && given !== undefined;
  const parts = isNew ? ofKey.addedWithin(start, end) : ofKey.partsWithin(start, end);
  if (parts.length === 0) return undefined;
  const window = accumulated({ start, end, parts }, functions);
  const timing = timingOf(aggregation.window, window, watermarks);
  const over = overBy(aggregation.window, watermarks.watermarkOut);
  const final = over !== null && end <= over;
  return { ...window, given, version: { revision: given?.[0] ?? 0, timing, final } };
}

/** Ends of the windows that give out a result, ascending. */
function givingEnds(ofKey: PanesOfKey, runs: readonly GivenRun[], { aggregation, panes, watermarks }: Rules): number[] {
  const { window: spec, mode } = aggregation;
  const { watermarkIn, watermarkOut } = watermarks;
  const after = overBy(spec, watermarkIn);
  if (mode === 'complete') return [...endsHolding(boundsOf(ofKey.all), panes, { after, upTo: Infinity })];
  const closing = endsHolding(boundsOf(ofKey.all), panes, { after: watermarkIn, upTo: watermarkOut ?? -Infinity });
  if (mode !== 'update') {
    const closed = watermarkIn ?? -Infinity;
    const due = [...endsHolding(ofKey.added, panes, { after, upTo: closed }), ...closing];
    return [...due, ...partsGoingOn(ofKey, runs, { aggregation, panes, after: watermarkOut ?? after })];
  }
  const touched = new Set(endsHolding(ofKey.added, panes, { after, upTo: Infinity }));
  // Of what was counted in append mode nothing has been given out yet.
  const unsaid = [...closing].filter((end) => !touched.has(end) && givenAt(runs, end) === undefined);
  return [...touched, ...unsaid].sort((one, other) => one - other);
}

/**
 * Of open windows that update mode has given parts of, before the pipeline was one of append mode. No pane says which of its events were
 * in one: what comes for them is given out as it comes, as before.
 */
function partsGoingOn(
  ofKey: PanesOfKey,
  runs: readonly GivenRun[],
  { aggregation, panes, after }: Pick<Rules, 'aggregation' | 'panes'> & { readonly after: number | null },
): readonly number[] {
  if (aggregation.discards !== true) return none;
  return [...endsHolding(ofKey.added, panes, { after, upTo: Infinity })].filter(
    (end) => givenAt(runs, end) !== undefined,
  );
}

/** Of the windows that hold any of `all` and end behind `after` and not behind `upTo`: their ends, each once. `all`: by start. */
export function* endsHolding(
  all: Iterable<Window>,
  panes: Panes,
  { after, upTo }: { readonly after: number | null; readonly upTo: number },
): Generator<number> {
  const { paneMs, everyMs } = panes;
  let next = after === null ? -Infinity : firstEndAfter(panes, after);
  for (const { start, end } of all) {
    if (next > upTo) return;
    // What lies above panes has no events of its own.
    if (end - start > paneMs) continue;
    const last = Math.min(lastEndOf(panes, start), upTo);
    for (let at = Math.max(firstEndOf(panes, start), next); at <= last; at += everyMs) {
      yield at;
      next = at + everyMs;
    }
  }
}

/** Of as many as are asked for. */
function* boundsOf(saved: readonly SavedWindow[]): Generator<Window> {
  for (const [start, end] of saved) yield { start, end };
}

function startingBefore(windows: readonly SavedWindow[], from: number): Bounds[] {
  const before: Bounds[] = [];
  for (const [start, end] of windows) {
    if (start >= from) break;
    before.push([start, end]);
  }
  return before;
}

/** Of what is saved of a key, the windows that are still to be given out. By start. */
export function openWindowsOf(
  saved: readonly SavedWindow[],
  spec: WindowSpec,
  watermark: number | null,
): readonly Window[] {
  const panes = spec.kind.panes?.(spec.options);
  if (panes === undefined) {
    const all = saved.map(([start, end]) => ({ start, end }));
    return all.filter((window) => !hasClosed(spec, window, watermark));
  }
  const ends = endsHolding(boundsOf(saved), panes, { after: watermark, upTo: Infinity });
  return Array.from(ends, (end) => ({ start: end - panes.sizeMs, end }));
}
