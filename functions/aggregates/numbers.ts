/** What aggregates of numbers have in common. */
import type { EventMeta } from '../pipeline/callback.ts';

/** With a selector that may return nothing, a whole group may have nothing: then its result is null. */
export type NumericResult<Value> = [Value] extends [number] ? number : number | null;
export type NumericSelector<Event, Value> = (event: Event, meta: EventMeta) => Value;
export type MaybeNumber = number | null | undefined;

export function refusesNoNumber(value: unknown): string | undefined {
  if (value === null || value === undefined || (typeof value === 'number' && Number.isFinite(value))) return undefined;
  return `${typeof value === 'number' ? value : `a ${typeof value}`} is not a finite number`;
}
