/** Where an event is late: in which window, and since when. */
import type { KeyValue } from '../pipeline/pipeline.ts';
import { lastEndOf } from '../windows/panes.ts';
import type { Window, WindowSpec } from '../windows/window-kind.ts';
import { isLate, overAt } from './windows.ts';

/** What an event, or an element of one, is late in: plain data. */
export type LateMark = {
  readonly keyValues: readonly KeyValue[];
  readonly eventTime: number;
  /** Of its windows the last one. */
  readonly window: Window;
  /** The watermark at which that was over, or what opens it late. */
  readonly overAt: number;
  /** Of windows that merge: nobody knows yet. */
  readonly isOpen: boolean;
  /** Which element it is; absent: the event itself. */
  readonly at?: number;
};

/** Of windows, or the pane, that an event was given. Undefined: it is in time in the last of them. */
export function lateIn(
  spec: WindowSpec,
  assigned: readonly Window[] | undefined,
  watermark: number | null,
): Pick<LateMark, 'window' | 'overAt' | 'isOpen'> | undefined {
  const own = assigned?.at(-1);
  if (own === undefined || !isLate(spec, own, watermark)) return undefined;
  const panes = spec.kind.panes?.(spec.options);
  const end = panes === undefined ? own.end : lastEndOf(panes, own.start);
  const window = panes === undefined ? own : { start: end - panes.sizeMs, end };
  // One that was over under a shorter lateness is so by now at the latest.
  const at = Math.min(spec.kind.lateAt?.(own) ?? overAt(end, spec.latenessMs), watermark!);
  return { window, overAt: at, isOpen: spec.kind.merge !== undefined };
}
