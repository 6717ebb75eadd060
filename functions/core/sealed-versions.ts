/**
 * How the results of a batch are given out: as its seal says, whatever code reduces it.
 *
 * SEALED-1 The mode of a pipeline may change with any deployment, and which rows a batch has hangs on it. A batch that is resumed by other
 *    code goes on behind rows that were stored before: by places among the same rows.
 */
import type { Aggregation, TopRows } from '../pipeline/pipeline.ts';
import { SluiceError } from './errors.ts';
import type { TopRule } from './top-rows.ts';

export type VersionRules = Pick<Aggregation, 'mode' | 'discards' | 'ignoresRetractions'> & {
  /** Of each window so many rows are given out, by this order. Absent: all. */
  readonly top?: TopRule;
};

export const versionRulesOf = ({ mode, discards, ignoresRetractions, top }: VersionRules): VersionRules => ({
  ...(mode === undefined ? {} : { mode }),
  ...(discards === undefined ? {} : { discards }),
  ...(ignoresRetractions === undefined ? {} : { ignoresRetractions }),
  ...(top === undefined ? {} : { top: { n: top.n, order: top.order } }),
});

/**
 * A seal without them leaves it to the pipeline. What rows are ranked by is user code, which no seal has: a batch that is to be ranked
 * can't be finished by a definition that ranks nothing.
 */
export function asSealed<Aggregating extends { readonly aggregation: Aggregation }>(
  pipeline: Aggregating,
  { gives }: { readonly gives?: VersionRules },
): Aggregating {
  if (gives === undefined) return pipeline;
  const { mode: _, discards: _discards, ignoresRetractions: _ignores, top, ...aggregation } = pipeline.aggregation;
  const { top: rule, ...rules } = gives;
  const ranking = rule === undefined ? {} : { top: { ...ranked(top, rule), ...rule } };
  return { ...pipeline, aggregation: { ...aggregation, ...rules, ...ranking } };
}

function ranked(top: TopRows | undefined, { n }: TopRule): TopRows {
  if (top !== undefined) return top;
  const message =
    `a sealed batch is to give out the first ${n} rows of each window, and the pipeline has no topRows any more. ` +
    'Deploy the former definition until that batch is committed, then this one.';
  throw new SluiceError('FingerprintChanged', message);
}
