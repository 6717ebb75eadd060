/**
 * When a window is late, and when it closes.
 *
 * WINDOW-1 A window covers [start, end); an event at `end` belongs to the next one.
 * WINDOW-2 A window closes in the batch whose watermark reaches its end; from the next batch on its events are late.
 */
import type { Window, WindowSpec } from '../windows/window-kind.ts';

/** By the watermark that a batch begins with: its result was given out before. */
export function isLate({ kind }: WindowSpec, window: Window, watermark: number | null): boolean {
  const at = kind.closesAt(window);
  return at !== undefined && hasReached(watermark, at);
}

/** By the watermark that a batch ends with: its result is given out. */
export function isClosing({ kind }: WindowSpec, window: Window, watermark: number | null): boolean {
  const at = kind.closesAt(window);
  return at === undefined || hasReached(watermark, at);
}

const hasReached = (watermark: number | null, at: number): boolean => watermark !== null && at <= watermark;
