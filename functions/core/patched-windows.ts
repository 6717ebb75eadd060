/**
 * A list of windows with a few of them changed.
 *
 * Hot: the list may be a thousand times as long as what changes. What stays is looked at by few, and copied as a whole.
 */
import type { Bounds, SavedWindow } from './saved-windows.ts';

/** More are no arguments of a call. */
const mostPieces = 10_000;

/** All three by start and end. `upserts` take the place of what has their bounds; no removal is among them. */
export function patchedWindows(
  before: readonly SavedWindow[],
  upserts: readonly SavedWindow[],
  removals: readonly (Bounds | SavedWindow)[],
): readonly SavedWindow[] {
  if (upserts.length + removals.length === 0) return before;
  const changes = [
    ...upserts.map((window) => ({ bounds: window, upsert: [window] })),
    ...removals.map((bounds) => ({ bounds, upsert: undefined })),
  ].sort((one, other) => byBounds(one.bounds, other.bounds));
  const pieces: (readonly SavedWindow[])[] = [];
  let from = 0;
  for (const { bounds, upsert } of changes) {
    const at = placeOf(bounds, before, from);
    if (at > from) pieces.push(before.slice(from, at));
    from = at < before.length && byBounds(before[at]!, bounds) === 0 ? at + 1 : at;
    if (upsert !== undefined) pieces.push(upsert);
  }
  if (from < before.length) pieces.push(before.slice(from));
  // Far quicker than `flat`, which looks at each.
  return pieces.length > mostPieces ? pieces.flat() : ([] as SavedWindow[]).concat(...pieces);
}

/** Of the first that is not before it, from `from` on. Changes are mostly close to each other. */
function placeOf(bounds: Bounds | SavedWindow, windows: readonly SavedWindow[], from: number): number {
  let [low, step] = [from, 1];
  while (low + step <= windows.length && byBounds(windows[low + step - 1]!, bounds) < 0) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step - 1, windows.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byBounds(windows[middle]!, bounds) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const byBounds = (one: Bounds | SavedWindow, other: Bounds | SavedWindow): number =>
  one[0] - other[0] || one[1] - other[1];
