/**
 * How the results of a batch are given out: as its seal says, whatever code reduces it.
 *
 * SEALED-1 The mode of a pipeline may change with any deployment, and which rows a batch has hangs on it. A batch that is resumed by other
 *    code goes on behind rows that were stored before: by places among the same rows.
 */
import type { Aggregation } from '../pipeline/pipeline.ts';

export type VersionRules = Pick<Aggregation, 'mode' | 'discards' | 'ignoresRetractions'>;

export const versionRulesOf = ({ mode, discards, ignoresRetractions }: VersionRules): VersionRules => ({
  ...(mode === undefined ? {} : { mode }),
  ...(discards === undefined ? {} : { discards }),
  ...(ignoresRetractions === undefined ? {} : { ignoresRetractions }),
});

/** A seal without them leaves it to the pipeline. */
export function asSealed<Aggregating extends { readonly aggregation: Aggregation }>(
  pipeline: Aggregating,
  { gives }: { readonly gives?: VersionRules },
): Aggregating {
  if (gives === undefined) return pipeline;
  const { mode: _, discards: _discards, ignoresRetractions: _ignores, ...aggregation } = pipeline.aggregation;
  return { ...pipeline, aggregation: { ...aggregation, ...gives } };
}
