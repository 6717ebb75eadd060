/** What the table of a task comes to in its block, key group by key group. */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import { saveRank } from '../aggregates/event-rank.ts';
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { Window } from '../windows/window-kind.ts';
import { countedBy, groupIn } from './distinct-keys.ts';
import type { CountedPartials } from './group-partials.ts';
import { canonicalKey, keyGroupOf } from './key-group.ts';
import { endsOf, joinEnds, type OpenEnds } from './open-ends.ts';
import type { SavedKey, SavedWindow } from './saved-windows.ts';
import { getOrSet, inOrder, type KeyOfTable } from './sorted-keys.ts';
import type { CountedWindow } from './windows-of-key.ts';

export type Counting = {
  readonly aggregation: Aggregation;
  readonly functions: readonly AggregateFunction[];
  readonly parallelism: number;
};

type Group = { readonly keys: KeyOfTable[]; readonly counted: DistinctBounds };

/** Groups without entries are left out. What is given is not changed any more: keys are saved as they are asked for. */
export function partialsByGroup(keys: readonly KeyOfTable[], counting: Counting): Map<number, CountedPartials> {
  const { aggregation, parallelism } = counting;
  const groups = new Map<number, Group>();
  for (const key of keys) {
    const name = aggregation.distinct === undefined ? key.canonical : canonicalKey(groupIn(aggregation, key.keyValues));
    const { keys: ofGroup, counted } = getOrSet(groups, keyGroupOf(name, parallelism), newGroup);
    ofGroup.push(key);
    for (const window of windowsOf(key, counting)) counted.add(window);
  }
  return new Map(
    Array.from(groups, ([at, group]) => {
      inOrder(group.keys);
      const windows = { [Symbol.iterator]: () => savedKeys(group.keys, counting) };
      return [at, { windows, open: openEnds(aggregation, group.counted.all()) }];
    }),
  );
}

const newGroup = (): Group => ({ keys: [], counted: new DistinctBounds() });

function* savedKeys(keys: readonly KeyOfTable[], counting: Counting): Generator<SavedKey> {
  for (const key of keys) yield [key.keyValues, windowsOf(key, counting).map((window) => savedOf(window, counting))];
}

/** Most are in one and the same, or in some that are met again and again. */
class DistinctBounds {
  readonly #byStart = new Map<number, Set<number>>();
  #start = Number.NaN;
  #end = Number.NaN;

  add({ start, end }: Window): void {
    if (start === this.#start && end === this.#end) return;
    this.#start = start;
    this.#end = end;
    getOrSet(this.#byStart, start, newEnds).add(end);
  }

  all(): readonly Window[] {
    return Array.from(this.#byStart, ([start, ends]) => Array.from(ends, (end) => ({ start, end }))).flat();
  }
}

const newEnds = (): Set<number> => new Set();

/** By start and end. Those that merge are merged. */
const windowsOf = ({ node }: KeyOfTable, { aggregation, functions }: Counting): readonly CountedWindow[] =>
  node.inOrder(countedBy(aggregation).window.kind, functions);

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
