/**
 * When the windows of a key group close, and with allowed lateness when they are over: what a block says of its part, and the seal of all.
 *
 * ENDS-1 While a group has a window, its first end is there: not later than the first of them closes or is over.
 * ENDS-2 At most `mostEnds` are kept, the least. What lies behind them is known by its last, and asked of the kind of
 *    windows when the ones before are over: a group may then be reduced for nothing, and none too late.
 * ENDS-3 Of panes the first end of their windows is kept, and when the last one is over: each of those between may be an end of one.
 */

import { firstEndOf, lastEndOf } from '../windows/panes.ts';
import type { Window, WindowSpec } from '../windows/window-kind.ts';
import type { Instant } from './watermark.ts';
import { endsOfWindow, nextEnd, overAt } from './windows.ts';

/** Event times that the watermark must reach, each once and ascending. */
export type OpenEnds = {
  readonly ends: readonly number[];
  /** There may be more behind the last of `ends`, and none behind this. Absent: there are no more. */
  readonly upTo?: number;
};

export const mostEnds = 64;

export const noEnds: OpenEnds = { ends: [] };

/** Of windows, or panes, that events were counted in. */
export function endsOf(counted: readonly Window[], spec: WindowSpec): OpenEnds {
  const panes = spec.kind.panes?.(spec.options);
  if (panes === undefined) return leastOf(new Set(counted.flatMap((window) => endsOfWindow(spec, window))));
  let [first, last] = [Infinity, -Infinity];
  for (const { start } of counted) {
    first = Math.min(first, firstEndOf(panes, start));
    last = Math.max(last, lastEndOf(panes, start));
  }
  return leastOf(counted.length === 0 ? [] : [first], overAt(last, spec.latenessMs));
}

/** Of one key group, from what its blocks and the seal before say. */
export function joinEnds(all: readonly OpenEnds[]): OpenEnds {
  const open = all.filter(({ ends }) => ends.length > 0);
  if (open.length === 0) return noEnds;
  // Behind the last one of a list that has more, that list says nothing.
  const known = Math.min(...open.map(({ ends, upTo }) => (upTo === undefined ? Infinity : ends.at(-1)!)));
  const last = Math.max(...open.map(({ ends, upTo }) => upTo ?? ends.at(-1)!));
  return leastOf(
    open.flatMap(({ ends }) => ends.filter((end) => end <= known)),
    last,
  );
}

/** `ends` in any order, with repeats; `last`: the greatest there is, if it is not among them. */
export function leastOf(ends: Iterable<number>, last?: number): OpenEnds {
  const inOrder = [...new Set(ends)].sort((one, other) => one - other);
  const kept = inOrder.slice(0, mostEnds);
  const upTo = last ?? inOrder.at(-1);
  return upTo === undefined || upTo === kept.at(-1) ? { ends: kept } : { ends: kept, upTo };
}

/** Whether the group has something to do in a batch that ends with this watermark. */
export const isDue = ({ ends }: OpenEnds, watermark: Instant): boolean =>
  watermark !== null && ends.length > 0 && ends[0]! <= watermark;

/** What is open when everything up to the watermark is closed. */
export function endsAfter(open: OpenEnds, watermark: Instant, window: WindowSpec): OpenEnds {
  if (watermark === null) return open;
  const { upTo } = open;
  const ends = open.ends.filter((end) => end > watermark);
  if (upTo === undefined) return { ends };
  if (ends.length > 0) return { ends, upTo };
  if (upTo <= watermark) return noEnds;
  const next = nextEnd(window, watermark);
  return next === undefined || next >= upTo ? { ends: [upTo] } : { ends: [next], upTo };
}
