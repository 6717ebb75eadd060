/** What an aggregate is given of an event whose order counts: the value, and where the event stands in event time. */
import type { EventRank, Ranked } from '../aggregates/event-rank.ts';

/** Undefined: there is nothing to rank. */
export function ranked(value: unknown, rank: EventRank | undefined): Ranked<unknown> | undefined {
  if (value === null || value === undefined) return undefined;
  if (rank === undefined) throw new Error('an event whose order counts has no rank');
  return { value, rank };
}
