/**
 * Aggregates of the user's own in a reduce: their parts are gathered, and merged where rows are run.
 *
 * UM1 No code of theirs runs before rows are in hand, so one that never ends, or ends the process, is found out like a row
 *     that does (`row-trial.ts`): nothing of a sealed batch waits for it for ever.
 * UM2 Windows that stay open come behind the rows: the place of a row is the same with them and without.
 */
import { type AggregateFunction, aggregateFunction } from '../aggregates/aggregate-function.ts';
import { failedAggregate } from '../aggregates/custom.ts';
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { EvaluatedRow, RowInput } from './evaluate-row.ts';
import type { SavedWindows } from './window-table.ts';
import type { OpenWindow } from './windows-of-key.ts';

class Parts {
  readonly list: unknown[] = [];
}

const gathering = aggregateFunction<never, Parts, unknown, never>({
  kind: 'gathering',
  version: 1,
  empty: () => new Parts(),
  add: (parts) => parts,
  merge(parts, saved) {
    if (saved instanceof Parts) parts.list.push(...saved.list);
    else parts.list.push(saved);
    return parts;
  },
  // Within one reduce: for windows that merge.
  save: (parts) => parts,
  result: (parts) => parts as never,
}) as AggregateFunction;

/** What a reduce computes itself. */
export const withoutUserCode = ({ aggregates }: Aggregation): AggregateFunction[] =>
  aggregates.map(({ fn }) => (fn.isUserCode ? gathering : fn));

/** By column, what is to be merged. Undefined: nothing that is user code's. */
export function unmergedOf({ aggregates }: Aggregation, { accumulators }: OpenWindow): RowInput['unmerged'] {
  const found = aggregates.flatMap(({ name, fn }, at) =>
    fn.isUserCode ? [[name, (accumulators[at] as Parts).list] as const] : [],
  );
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** One part is what it was saved as. */
export const needsMerging = (unmerged: RowInput['unmerged']): boolean =>
  Object.values(unmerged ?? {}).some((parts) => parts.length > 1);

type SavedWindow = SavedWindows[number][1][number];

/** `merged`: what user code made of its parts, if there was something to merge. */
export function saveWindow(
  { aggregates }: Aggregation,
  { start, end, accumulators }: OpenWindow,
  merged: EvaluatedRow | undefined,
): SavedWindow {
  const saved = aggregates.map(({ name, fn }, at) => {
    if (!fn.isUserCode) return fn.save(accumulators[at]);
    if (merged?.kind === 'merged') return merged.saved[name];
    if (merged?.kind === 'refused') return failedAggregate('crashed-reducer', merged.message);
    return (accumulators[at] as Parts).list[0];
  });
  return [start, end, saved];
}
