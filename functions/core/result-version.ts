/**
 * Which version of a result a row is.
 *
 * VERSION-1 Without allowed lateness and in append mode a window gives out its result once: in the batch whose watermark reached
 *    its end, or whose own it is. So it is the only version, it is on time, also where windows are closed because the input has ended, and no
 *    other can follow.
 * VERSION-2 Else versions are counted as they are given out, retractions among them: the later has the higher number.
 * VERSION-3 `final` is what is given out of a window that is over with the batch, and each retraction of a window that is part of
 *    another. Nothing is given out just to say so. Of a total there is never a last one: its key may come again.
 */
import type { Aggregation, KeyValue } from '../pipeline/pipeline.ts';
import type { ResultTiming, ResultVersion } from '../sinks/identity.ts';
import type { Window, WindowSpec } from '../windows/window-kind.ts';
import { endOfTime } from './end-of-time.ts';
import { canonicalKey, keyName } from './key-group.ts';
import type { SealedBatch } from './model.ts';
import { hasClosed, isClosing } from './windows.ts';

/** What a total is of. */
export const allTime: Window = { start: -endOfTime, end: endOfTime };

/** What tells the versions of one result apart. */
export type VersionNumbers = Pick<ResultVersion, 'revision' | 'timing' | 'final'>;

export const onlyVersion: VersionNumbers = { revision: 0, timing: 'on-time', final: true };

export function versionOf(
  { start, end }: Window,
  keyValues: readonly KeyValue[],
  { revision, timing, final }: VersionNumbers = onlyVersion,
  { row = 0, retracted = false }: Partial<Pick<ResultVersion, 'row' | 'retracted'>> = {},
): ResultVersion {
  const key = keyName(canonicalKey(keyValues));
  return { window: [start, end], key, row, revision, timing, final, retracted };
}

/** Whether there may be several of a result. */
export const isVersioned = ({ window, mode, discards }: Pick<Aggregation, 'window' | 'mode' | 'discards'>): boolean =>
  window.latenessMs !== undefined || mode !== undefined || discards === true;

/** That the batch begins with, and that it ends with. */
export type Watermarks = Pick<SealedBatch, 'watermarkIn' | 'watermarkOut'>;

export function timingOf(spec: WindowSpec, window: Window, { watermarkIn, watermarkOut }: Watermarks): ResultTiming {
  if (hasClosed(spec, window, watermarkIn)) return 'late';
  return isClosing(spec, window, watermarkOut) ? 'on-time' : 'early';
}
