/**
 * When a window is late, and when it closes.
 *
 * WINDOW-1 A window covers [start, end); an event at `end` belongs to the next one.
 * WINDOW-2 A window closes in the batch whose watermark reaches its end. It is over when the watermark has gone on by the allowed
 *    lateness as well, which mostly is none; from the next batch on its events are late.
 * WINDOW-3 A pane is late, and over, when the last of its windows is.
 * WINDOW-4 What was over under a shorter lateness stays so: nothing is left of it that could be corrected.
 */

import { lastEndOf } from '../windows/panes.ts';
import type { Window, WindowSpec } from '../windows/window-kind.ts';
import { endOfTime } from './end-of-time.ts';

/** By the watermark that a batch begins with: it was over before, or what opens it is late by its kind. */
export function isLate(spec: WindowSpec, window: Window, watermark: number | null): boolean {
  const at = isLateAt(spec, window);
  return at !== undefined && (hasReached(watermark, at) || wasOver(spec, window));
}

/** By the watermark that a batch begins with: its result was due before. */
export function hasClosed({ kind }: WindowSpec, window: Window, watermark: number | null): boolean {
  const at = kind.closesAt(window);
  return at !== undefined && hasReached(watermark, at);
}

/** By the watermark that a batch ends with: nothing of it is kept, and its result can't change any more. */
export function isOver(spec: WindowSpec, window: Window, watermark: number | null): boolean {
  const at = isOverAt(spec, window);
  return at === undefined || hasReached(watermark, at) || wasOver(spec, window);
}

const isLateAt = (spec: WindowSpec, window: Window): number | undefined =>
  spec.kind.lateAt?.(window) ?? isOverAt(spec, window);

/** At the end of time everything is over. */
function isOverAt(spec: WindowSpec, window: Window): number | undefined {
  const at = lastCloseOf(spec, window);
  return at === undefined ? at : overAt(at, spec.latenessMs);
}

/** Of a pane, that of the last window that holds it. */
function lastCloseOf({ kind, options }: WindowSpec, window: Window): number | undefined {
  const panes = kind.panes?.(options);
  return panes === undefined ? kind.closesAt(window) : lastEndOf(panes, window.start);
}

/** Before the lateness became longer. */
function wasOver(spec: WindowSpec, window: Window): boolean {
  return spec.overUpTo !== undefined && lastCloseOf(spec, window)! <= spec.overUpTo;
}

/** Of a window that closes at `at`. */
export const overAt = (at: number, latenessMs = 0): number =>
  latenessMs === 0 ? at : Math.min(at + latenessMs, Math.max(at, endOfTime));

/** At a watermark the windows are over that close by this. */
export function overBy({ latenessMs = 0, overUpTo = -Infinity }: WindowSpec, watermark: number | null): number | null {
  return watermark === null || watermark >= endOfTime ? watermark : Math.max(watermark - latenessMs, overUpTo);
}

/** The watermarks at which something is to be done about a window. */
export function endsOfWindow(spec: WindowSpec, window: Window): readonly number[] {
  const closesAt = spec.kind.closesAt(window);
  const overAt = isOverAt(spec, window);
  if (closesAt === undefined || overAt === undefined) return [];
  return closesAt === overAt ? [closesAt] : [closesAt, overAt];
}

/** The earliest time past `watermark` at which there may be something to do about any window; undefined: never. */
export function nextEnd(
  { kind, options, latenessMs = 0, endsAnytime }: WindowSpec,
  watermark: number,
): number | undefined {
  if (endsAnytime === true) return watermark + 1;
  const next = kind.nextClose(options, watermark);
  if (next === undefined || latenessMs === 0) return next;
  const nextOver = kind.nextClose(options, watermark - latenessMs)! + latenessMs;
  return Math.min(next, nextOver);
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
