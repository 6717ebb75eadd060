/** With `topRows`: which results are among the first of their window, computed from all of them at once. */
import type { Result } from '../../windows/direct-computation.ts';
import { isUnrankable, rankOf, type TopRule } from '../world/row-rules.ts';
import type { Scenario } from '../world/scenario.ts';
import type { ExpectedResult } from './expected-results.ts';
import type { Contained } from './more-results.ts';
import { isFiltered } from './row-fates.ts';

/** What comes through the filter is ranked, whatever becomes of it then. */
export function placedResults(
  scenario: Scenario,
  results: readonly Result<Contained>[],
  top: TopRule | undefined,
): readonly ExpectedResult[] {
  if (top === undefined) return results;
  const asked = results.filter(({ key, of }) => !isFiltered(scenario, key, of.length));
  const ranked = asked.filter(({ of }) => !isUnrankable(of.length));
  const places = new Map<Result<Contained>, number>();
  for (const all of Map.groupBy(ranked, ({ window }) => window.join()).values())
    for (const [at, result] of all.toSorted((one, other) => compared(one, other, top)).entries())
      places.set(result, at + 1);
  const isAsked = new Set(asked);
  return results.map((result) => {
    if (!isAsked.has(result)) return result;
    const place = places.get(result);
    if (place === undefined) return { ...result, to: [], unplaced: 'unrankable' };
    return place > top.n ? { ...result, to: [], unplaced: 'behind' } : { ...result, place };
  });
}

function compared(one: Result<Contained>, other: Result<Contained>, { order }: TopRule): number {
  const [first, second] = [one, other].map(({ of }) => rankOf(of.length) ?? Number.NaN) as [number, number];
  if (Number.isNaN(first) !== Number.isNaN(second)) return Number.isNaN(first) ? 1 : -1;
  if (first === second || Number.isNaN(first)) return JSON.stringify(one.key) < JSON.stringify(other.key) ? -1 : 1;
  return order === 'lowest' ? first - second : second - first;
}
