/**
 * Aggregates of the user's own where none of their code may run: in a reduce before rows are in hand, and in a read whose
 * user code runs apart. Their parts are gathered, and merged where rows are run.
 *
 * UNMERGED-1 So one that never ends, or ends the process, is found out like a row that does (`row-trial.ts`): nothing of a
 *    sealed batch waits for it for ever, and no shard.
 * UNMERGED-2 Windows that stay open come behind the rows: the place of a row is the same with them and without.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import { failedAggregate } from '../aggregates/failed-aggregate.ts';
import type { Gathered } from '../aggregates/gathered.ts';
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { EvaluatedRow, RowInput } from './evaluate-row.ts';
import type { SavedWindow } from './saved-windows.ts';
import type { OpenWindow } from './windows-of-key.ts';

/** What is computed where no user code may run. */
export const withoutUserCode = ({ aggregates }: Aggregation): AggregateFunction[] =>
  aggregates.map(({ fn }) => fn.gathered ?? fn);

/** By column, what is to be merged. Undefined: nothing that is user code's. */
export function unmergedOf({ aggregates }: Aggregation, { accumulators }: OpenWindow): RowInput['unmerged'] {
  const found = aggregates.flatMap(({ name, fn }, at) =>
    fn.gathered === undefined ? [] : [[name, partsOf(accumulators[at])] as const],
  );
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** One part is what it was saved as. */
export const needsMerging = (unmerged: RowInput['unmerged']): boolean =>
  Object.values(unmerged ?? {}).some((parts) => parts.length > 1);

const partsOf = (accumulator: unknown): readonly unknown[] => (accumulator as Gathered).parts;

/** `merged`: what user code made of its parts, if there was something to merge. */
export function saveWindow(
  { aggregates }: Aggregation,
  { start, end, accumulators }: OpenWindow,
  merged: EvaluatedRow | undefined,
): SavedWindow {
  const saved = aggregates.map(({ name, fn }, at) => {
    if (fn.gathered === undefined) return fn.save(accumulators[at]);
    if (merged?.kind === 'merged') return merged.saved[name];
    if (merged?.kind === 'refused') return failedAggregate('crashed-reducer', merged.message);
    return partsOf(accumulators[at])[0];
  });
  return [start, end, saved];
}
