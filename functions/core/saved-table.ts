/** What the table of a task comes to in its block, key group by key group. */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import { saveRank } from '../aggregates/event-rank.ts';
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { Window } from '../windows/window-kind.ts';
import { countedBy, groupIn } from './distinct-keys.ts';
import type { GroupPartials } from './group-partials.ts';
import { canonicalKey, keyGroupOf } from './key-group.ts';
import { endsOf, joinEnds, type OpenEnds } from './open-ends.ts';
import type { SavedKey, SavedWindow } from './saved-windows.ts';
import { getOrSet } from './sorted-keys.ts';
import type { CountedWindow, KeyEntry } from './windows-of-key.ts';

export type Counting = {
  readonly aggregation: Aggregation;
  readonly functions: readonly AggregateFunction[];
  readonly parallelism: number;
};

/** Groups without entries are left out. */
export function partialsByGroup(entries: readonly KeyEntry[], counting: Counting): Map<number, GroupPartials> {
  const { aggregation, parallelism } = counting;
  const groups = new Map<number, { readonly windows: SavedKey[]; readonly open: Window[] }>();
  for (const { canonical, keyValues, windows } of entries) {
    const name = aggregation.distinct === undefined ? canonical : canonicalKey(groupIn(aggregation, keyValues));
    const group = getOrSet(groups, keyGroupOf(name, parallelism), newGroup);
    group.windows.push([keyValues, windows.map((window) => savedOf(window, counting))]);
    for (const window of windows) group.open.push(window);
  }
  return new Map(Array.from(groups, ([at, { windows, open }]) => [at, { windows, open: openEnds(aggregation, open) }]));
}

const newGroup = () => ({ windows: [], open: [] });

/** Of what may pass, the rank is said as well; of windows that merge, how many events there are. */
export function savedOf(
  { start, end, accumulators, events, rank }: CountedWindow,
  { aggregation, functions }: Pick<Counting, 'aggregation' | 'functions'>,
): SavedWindow {
  const saved = functions.map((fn, at) => fn.save(accumulators[at]));
  if (rank !== undefined) return [start, end, saved, saveRank(rank)];
  return aggregation.window.kind.merge === undefined ? [start, end, saved] : [start, end, saved, events];
}

/** What is counted by what passes counts in windows of the group later on: both are to be closed. */
function openEnds(aggregation: Aggregation, open: readonly Window[]): OpenEnds {
  const ends = endsOf(open, countedBy(aggregation).window);
  if (aggregation.distinct === undefined || aggregation.window.kind.of !== 'event-time') return ends;
  const { kind, options } = aggregation.window;
  const assign = kind.assigner(options);
  return joinEnds([
    ends,
    endsOf(
      open.flatMap(({ start }) => assign(start, 0)),
      aggregation.window,
    ),
  ]);
}
