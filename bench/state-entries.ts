/** Keys and entries as a pipeline has them that counts users by the hour. */
import type { StateEntry } from '../functions/core/state/state-entry.ts';

/** The same numbers each time. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Canonical, in order, each once. */
export function keysOf(count: number, seed: number): readonly string[] {
  const random = chance(seed);
  const keys = new Set<string>();
  while (keys.size < count) {
    const hex = Math.floor(random() * 2 ** 32).toString(16);
    keys.add(`["user-${hex.padStart(8, '0')}"]`);
  }
  return [...keys].sort();
}

export const slice = 7_200_000;
export const hour = 3_600_000;

/** Of a window by the hour: count, sum and avg of a few amounts. */
export function entryOf(canonical: string, random: () => number, end = slice): StateEntry {
  const count = 1 + Math.floor(-Math.log(1 - random()) * 2);
  const total = Math.round(count * (1 + random()) * 2_500) / 100;
  return {
    canonical,
    upserts: [],
    added: [[end - hour, end, [count, [count, total], [count, total]]]],
    removals: [],
  };
}
