/**
 * When panes are asked for: of each, which windows hold it.
 *
 *             0    10    20    30    40          panes of 10, windows of 30, one each 10
 *             │ #  │     │     │     │
 *   ├─────────┼────┤     │     │     │           the first window of the pane # ends at 10,
 *             ├────┼─────┼─────┤     │           the last one at 30
 *                  ├─────┼─────┼─────┤           the first one without it
 *
 * PANE-1 A pane is in the windows that end from `firstEndOf` to `lastEndOf`, each `everyMs`, and in no other.
 * PANE-2 When a watermark has been reached, what begins before `firstStartOf` is in no window that is still open.
 */
import type { Panes, Window } from './window-kind.ts';

/** Of the windows that hold what lies at `time`. */
export const firstEndOf = (panes: Panes, time: number): number => firstEndAfter(panes, time);

export function lastEndOf({ sizeMs, everyMs, offsetMs }: Panes, time: number): number {
  return Math.floor((time - offsetMs) / everyMs) * everyMs + offsetMs + sizeMs;
}

/** From where the first of them begins to where the last one ends. */
export function boundsOfWindows(panes: Panes, time: number): Window {
  return { start: firstEndOf(panes, time) - panes.sizeMs, end: lastEndOf(panes, time) };
}

export function firstEndAfter({ sizeMs, everyMs, offsetMs }: Panes, watermark: number): number {
  return Math.floor((watermark - sizeMs - offsetMs) / everyMs) * everyMs + everyMs + sizeMs + offsetMs;
}

/** Of the first window that is still open. */
export const firstStartOf = (panes: Panes, watermark: number | null): number =>
  watermark === null ? -Infinity : firstEndAfter(panes, watermark) - panes.sizeMs;
