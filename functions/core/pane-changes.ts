/**
 * What a batch does to the panes of a key: which windows close, which panes change, and which are no more.
 *
 * PANES-1 A window is given out once, in the batch whose watermark reaches its end, if any of its panes has events by then. What
 *    comes for it later is not in it, and counts in those of its windows that are still open.
 * PANES-2 A pane is there until the last window that holds it has closed.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import { firstEndAfter, firstEndOf, firstStartOf, lastEndOf } from '../windows/panes.ts';
import type { Panes, Window, WindowSpec } from '../windows/window-kind.ts';
import { accumulated } from './accumulated.ts';
import type { KeyChange, Watermarks } from './key-change.ts';
import type { KeyOfSources } from './keys-in-order.ts';
import { PanesOfKey } from './panes-of-key.ts';
import { onlyVersion } from './result-version.ts';
import type { Bounds, SavedWindow } from './saved-windows.ts';
import { hasClosed } from './windows.ts';

type Rules = {
  readonly panes: Panes;
  readonly watermarks: Watermarks;
  readonly functions: readonly AggregateFunction[];
};

const ofState = 0;
const none: readonly never[] = [];

/** Undefined: nothing. */
export function paneChanges({ canonical, keyValues, found }: KeyOfSources, rules: Rules): KeyChange | undefined {
  const { panes, watermarks, functions } = rules;
  const state = found[0]!.source === ofState ? found[0]!.windows : none;
  const blocks = found.filter(({ source }) => source !== ofState).map(({ windows }) => windows);
  const ofKey = new PanesOfKey(panes, state, blocks);
  const results = Array.from(closingEnds(ofKey.all, panes, watermarks), (end) => {
    const start = end - panes.sizeMs;
    const window = accumulated({ start, end, parts: ofKey.partsWithin(start, end) }, functions);
    return { ...window, given: undefined, version: onlyVersion };
  });
  const from = firstStartOf(panes, watermarks.watermarkOut);
  const changed = ofKey.changed
    .filter(({ start }) => start >= from)
    .map((pane) => ({ ...accumulated(pane, functions), given: undefined }));
  const removed = [...startingBefore(state, from), ...ofKey.unneeded.filter(([start]) => start >= from)];
  if (results.length + changed.length + removed.length === 0) return undefined;
  return { canonical, keyValues, results, changed, removed, retracted: none, late: none };
}

/** The windows in which something was counted, each once, by their ends. `all`: by start. */
export function* closingEnds(
  all: readonly SavedWindow[],
  panes: Panes,
  { watermarkIn, watermarkOut }: Watermarks,
): Generator<number> {
  if (watermarkOut === null) return;
  const { paneMs, everyMs } = panes;
  let next = watermarkIn === null ? -Infinity : firstEndAfter(panes, watermarkIn);
  for (const [start, end] of all) {
    if (next > watermarkOut) return;
    // What lies above panes has no events of its own.
    if (end - start > paneMs) continue;
    const last = Math.min(lastEndOf(panes, start), watermarkOut);
    for (let at = Math.max(firstEndOf(panes, start), next); at <= last; at += everyMs) {
      yield at;
      next = at + everyMs;
    }
  }
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
  const ends = closingEnds(saved, panes, { watermarkIn: watermark, watermarkOut: Infinity });
  return Array.from(ends, (end) => ({ start: end - panes.sizeMs, end }));
}
