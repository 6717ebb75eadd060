/**
 * Which window an event falls into, and when a window closes.
 *
 * N1 A window covers [start, end); an event at `end` belongs to the next one.
 * N2 A window closes in the batch whose watermark reaches its end; from the next batch on its events are late.
 */
import type { WindowSpec } from '../pipeline/pipeline.ts';

/** Start of the window; for windows of one micro-batch, the batch's id. */
export function windowStartOf(window: WindowSpec, eventTime: number, batchId: number): number {
  if (window.kind === 'per-micro-batch') return batchId;
  return Math.floor((eventTime - window.offsetMs) / window.sizeMs) * window.sizeMs + window.offsetMs;
}

export function windowEndOf(window: Extract<WindowSpec, { kind: 'tumbling' }>, start: number): number {
  return start + window.sizeMs;
}

export function isClosed(window: WindowSpec, start: number, watermark: number | null): boolean {
  if (window.kind === 'per-micro-batch') return true;
  return watermark !== null && windowEndOf(window, start) <= watermark;
}

/** The earliest time at which a window still open under `watermark` can close. */
export function firstEndAfter(window: Extract<WindowSpec, { kind: 'tumbling' }>, watermark: number): number {
  return windowStartOf(window, watermark, 0) + window.sizeMs;
}
