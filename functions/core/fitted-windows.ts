/**
 * Windows that were saved for other aggregates, as those of today have them.
 *
 * FITTED-1 An accumulator is known by the name of its aggregate and by what that is. One that nobody asks for is left out, and an
 *    aggregate that has none has counted nothing yet.
 */

import { aggregatesIn } from '../pipeline/fingerprint-change.ts';
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { SavedKey, SavedWindows } from './saved-windows.ts';

/** Whether what was saved under the one fingerprint is as the other has it. */
export const isSavedFor = (saved: string, current: string): boolean =>
  saved === current || JSON.stringify(aggregatesIn(saved)) === JSON.stringify(aggregatesIn(current));

type Current = { readonly fingerprint: string; readonly aggregation: Aggregation };

/** `saved`: the fingerprint of the pipeline that saved them. */
export function fittedWindows(windows: SavedWindows, saved: string, current: Current): SavedWindows {
  const fitted = fittingFrom(saved, current);
  if (fitted === undefined) return windows;
  return windows.map(
    ([keyValues, ofKey, ...given]): SavedKey => [
      keyValues,
      ofKey.map(([start, end, accumulators, ...mark]) => [start, end, fitted(accumulators), ...mark]),
      ...given,
    ],
  );
}

/** Of the accumulators of one window. Undefined: they are as they have to be. */
export function fittingFrom(
  saved: string,
  current: Current,
): ((accumulators: readonly unknown[]) => readonly unknown[]) | undefined {
  const [from, to] = [saved, current.fingerprint].map((text) => aggregatesIn(text).map((each) => JSON.stringify(each)));
  if (from!.join() === to!.join()) return undefined;
  const places = to!.map((each) => from!.indexOf(each));
  const empty = current.aggregation.aggregates.map(({ fn }) => fn.save(fn.empty()));
  return (accumulators) =>
    accumulators.length === 0 ? accumulators : places.map((place, at) => (place < 0 ? empty[at] : accumulators[place]));
}
