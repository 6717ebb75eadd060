/** How events are put together in time. */
import type { Duration, PositiveDuration } from './duration.ts';
import { frozenCopy, type RawOptions } from './options.ts';

export type TumblingOptions = {
  /**
   * Moves all windows by this much, for example to a local midnight. Shorter than the window.
   * @default '0 seconds'
   */
  readonly offset?: Duration | undefined;
};

export type TumblingWindow = { readonly kind: 'tumbling'; readonly size: string; readonly options: RawOptions };
export type PerMicroBatchWindow = { readonly kind: 'per-micro-batch' };
export type AnyWindow = TumblingWindow | PerMicroBatchWindow;

/** Windows of event time, one after the other, aligned to 1970-01-01T00:00Z. Needs `withWatermark` before `groupBy`. */
export function tumbling<Size extends Duration>(
  size: PositiveDuration<Size>,
  options?: TumblingOptions,
): TumblingWindow {
  return Object.freeze({ kind: 'tumbling', size, options: frozenCopy(options) });
}

/** One result for each key in each micro-batch, whenever its events happened. */
export function perMicroBatch(): PerMicroBatchWindow {
  return Object.freeze({ kind: 'per-micro-batch' });
}

/** What a window adds to a result row. Times are ISO strings in UTC. */
export type WindowColumns = {
  readonly tumbling: { windowStart: string; windowEnd: string };
  readonly 'per-micro-batch': { batchId: number };
};

/** Names that Sluice writes itself: neither a key nor an aggregate can have them, whatever the window. */
export const reservedNames = ['windowStart', 'windowEnd', 'batchId', '_sluice'] as const;
export type ReservedName = (typeof reservedNames)[number];
