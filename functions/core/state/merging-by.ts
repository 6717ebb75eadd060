/** By what the entries of a state are put together that may be of another definition. */
import { type AggregateFunction, aggregateFunction } from '../../aggregates/aggregate-function.ts';
import { aggregatesIn } from '../../pipeline/fingerprint-change.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { fittingFrom } from '../fitted-windows.ts';
import { withoutUserCode } from '../unmerged.ts';

/** What is shown of aggregates, and what is needed for it. */
export type KnownDefinition = Pick<Pipeline, 'aggregation' | 'fingerprint' | 'newAggregates'>;

export type MergingBy = {
  /** In the order of the accumulators as they are saved. */
  readonly functions: readonly AggregateFunction[];
  /** What has been merged as the definition has it. Absent: it is so. */
  readonly fitted?: (accumulators: readonly unknown[]) => readonly unknown[];
};

const latest = aggregateFunction<unknown, unknown, unknown, never>({
  kind: 'unknown',
  version: 1,
  empty: () => null,
  add: (accumulator) => accumulator,
  merge: (_, saved) => saved,
  save: (accumulator) => accumulator,
  result() {
    throw new Error('of an aggregate that nobody knows there is no result');
  },
}) as AggregateFunction;

/** Of aggregates that nobody knows nothing is shown: one of them is as good as the other. `saved`: the fingerprint of the state. */
export function mergingBy(
  saved: string,
  definition: Pick<KnownDefinition, 'aggregation' | 'fingerprint'> | undefined,
): MergingBy {
  const known = new Map<string, AggregateFunction>();
  const { aggregation, fingerprint } = definition ?? {};
  if (aggregation !== undefined)
    for (const [at, fn] of withoutUserCode(aggregation).entries()) {
      const { name, fn: own } = aggregation.aggregates[at]!;
      known.set(JSON.stringify([name, ...own.fingerprint]), fn);
    }
  const functions = aggregatesIn(saved).map((aggregate) => known.get(JSON.stringify(aggregate)) ?? latest);
  const fitted =
    aggregation === undefined || fingerprint === undefined
      ? undefined
      : fittingFrom(saved, { fingerprint, aggregation });
  return fitted === undefined ? { functions } : { functions, fitted };
}
