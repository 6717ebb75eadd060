/** An aggregate in one file: of texts, not of numbers. */
import {
  type Aggregate,
  aggregateFunction,
  defineAggregate,
  withSelector,
} from '../../functions/aggregates/aggregate-function.ts';
import type { EventMeta } from '../../functions/pipeline/callback.ts';

/** The longest text, of several the first in the alphabet; null if there was none. */
export function longest<Event>(
  selector: (event: Event, meta: EventMeta) => string | null,
): Aggregate<Event, string | null> {
  return defineAggregate('longest', selector);
}

const longer = (one: string | null, other: string | null): string | null => {
  if (one === null || other === null) return one ?? other;
  if (one.length !== other.length) return one.length > other.length ? one : other;
  return one < other ? one : other;
};

const longestText = aggregateFunction<string | null, string | null, string | null, string | null>({
  kind: 'longest',
  version: 2,
  empty: () => null,
  add: longer,
  merge: longer,
  save: (text) => text,
  result: (text) => text,
  refuses: (value) => (value === null || typeof value === 'string' ? undefined : `a ${typeof value} is no text`),
});

export const longestKind = withSelector('longest', longestText);
