/**
 * Names what saved state depends on, so that state is never read by a pipeline it does not fit. Canonical JSON rather
 * than a hash of it: when two differ, a person can see in what. The decoder, filters and options may change freely.
 */
import type { Aggregation } from './pipeline.ts';

const formatVersion = 1;

export function fingerprintOf(aggregation: Aggregation | undefined): string {
  if (aggregation === undefined) return JSON.stringify({ v: formatVersion });
  const { keys, window, aggregates, discards, distinct } = aggregation;
  return JSON.stringify({
    v: formatVersion,
    keys: keys.map((key) => key.name),
    window: window.kind.fingerprint(window.options),
    // Of windows that were over under a shorter one nothing is left that a correction could be made of.
    ...(window.latenessMs === undefined ? {} : { allowedLateness: window.latenessMs }),
    // What was given out is no more in the state.
    ...(discards === undefined ? {} : { accumulation: 'discarding' }),
    // What has passed is known by these keys, for so long.
    ...(distinct === undefined
      ? {}
      : {
          distinct: [
            ...distinct.keys.map(({ name }) => name),
            ...distinct.window.kind.fingerprint(distinct.window.options),
          ],
        }),
    aggregates: aggregates.map((aggregate) => [aggregate.name, ...aggregate.fn.fingerprint]),
  });
}
