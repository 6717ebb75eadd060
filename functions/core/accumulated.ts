/** What parts of a window come to, here and there. */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import type { Window } from '../windows/window-kind.ts';
import type { OpenWindow } from './windows-of-key.ts';

/** What was saved of it, each time; empty: all that had been counted was given out, and only what is new is (accumulation 'discarding'). */
export type Parts = Window & { readonly parts: readonly (readonly unknown[])[] };

/** Hot. */
export function accumulated({ start, end, parts }: Parts, functions: readonly AggregateFunction[]): OpenWindow {
  const accumulators = functions.map((fn, at) => {
    let into = fn.empty();
    for (const saved of parts) if (saved.length > 0) into = fn.merge(into, saved[at]);
    return into;
  });
  return { start, end, accumulators };
}
