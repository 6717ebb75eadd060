/**
 * When a window is late, and when it closes.
 *
 * WINDOW-1 A window covers [start, end); an event at `end` belongs to the next one.
 * WINDOW-2 A window closes in the batch whose watermark reaches its end; from the next batch on its events are late.
 * WINDOW-3 A pane is late when the last of its windows has closed.
 */

import { lastEndOf } from '../windows/panes.ts';
import type { Window, WindowSpec } from '../windows/window-kind.ts';

/** By the watermark that a batch begins with: its result was given out before. `window`: one that is counted in. */
export function isLate({ kind, options }: WindowSpec, window: Window, watermark: number | null): boolean {
  const panes = kind.panes?.(options);
  const at = panes === undefined ? kind.closesAt(window) : lastEndOf(panes, window.start);
  return at !== undefined && hasReached(watermark, at);
}

/** By the watermark that a batch ends with: its result is given out. */
export function isClosing({ kind }: WindowSpec, window: Window, watermark: number | null): boolean {
  const at = kind.closesAt(window);
  return at === undefined || hasReached(watermark, at);
}

/** By start, then end. */
export const byTime = (one: Window, other: Window): number => one.start - other.start || one.end - other.end;

/** Windows that merge, each with those whose place it takes. `windows` are by start and end. */
export function mergedFrom<Given extends Window>(
  merge: NonNullable<WindowSpec['kind']['merge']>,
  windows: readonly Given[],
): readonly (readonly [Window, readonly Given[]])[] {
  let next = 0;
  const merged = merge(windows).map((window) => {
    const from = next;
    while (next < windows.length && windows[next]!.end <= window.end) next++;
    return [window, windows.slice(from, next)] as const;
  });
  if (next < windows.length) throw new Error('a window lies in none of those that it was merged into');
  return merged;
}

const hasReached = (watermark: number | null, at: number): boolean => watermark !== null && at <= watermark;
