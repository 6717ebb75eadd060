/** Bounds of windows are written as dates, and there are none beyond the end of time. */
import type { Aggregation } from '../pipeline/pipeline.ts';
import { boundsOfWindows } from '../windows/panes.ts';
import type { Window, WindowSpec } from '../windows/window-kind.ts';
import { countedBy } from './distinct-keys.ts';
import { endOfTime } from './end-of-time.ts';

/**
 * `new Date(start).toISOString()` throws outside of ±8.64e15 ms. Such an event is refused when it is read: a row that can't be
 * written would fail every reduce of the batch, and so stop the pipeline. Of windows that an event is counted in.
 */
export function dateCheck(aggregation: Aggregation): (counted: readonly Window[]) => boolean {
  const { distinct, window } = aggregation;
  const haveDates = checkOf(countedBy(aggregation).window);
  if (distinct === undefined) return haveDates;
  // What passes is counted in windows of its group.
  const haveDatesThere = checkOf(window);
  const assign = window.kind.assigner(window.options);
  return (counted) => haveDates(counted) && counted.every(({ start }) => haveDatesThere(assign(start, 0)));
}

function checkOf({ kind, options }: WindowSpec): (counted: readonly Window[]) => boolean {
  if (kind.of !== 'event-time') return () => true;
  const panes = kind.panes?.(options);
  return panes === undefined
    ? (counted) => counted.every(isWithinTime)
    : (counted) => counted.every(({ start }) => isWithinTime(boundsOfWindows(panes, start)));
}

const isWithinTime = ({ start, end }: Window): boolean => start >= -endOfTime && end <= endOfTime;
