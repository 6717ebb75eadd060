/** What is computed for each key and window. Selectors may leave an event out with null or undefined, as in SQL. */
import type { AggregateKind, EventMeta } from './pipeline.ts';

/** An aggregate over events of type `Event`; `Result` is what it puts into the result row. */
export type Aggregate<Event, Result> = {
  readonly kind: AggregateKind;
  readonly selector: ((event: Event, meta: EventMeta) => number | null | undefined) | undefined;
  /** Carries the type only; never set. */
  readonly '~result'?: Result;
};

/** With a selector that may return nothing, a whole group may have nothing: then its result is null. */
type NumericResult<Value> = [Value] extends [number] ? number : number | null;

type Selector<Event, Value> = (event: Event, meta: EventMeta) => Value;

/** How many events. */
export function count(): Aggregate<unknown, number> {
  return Object.freeze({ kind: 'count', selector: undefined });
}

export function sum<Event, Value extends number | null | undefined>(
  selector: Selector<Event, Value>,
): Aggregate<Event, NumericResult<Value>> {
  return Object.freeze({ kind: 'sum', selector });
}

export function min<Event, Value extends number | null | undefined>(
  selector: Selector<Event, Value>,
): Aggregate<Event, NumericResult<Value>> {
  return Object.freeze({ kind: 'min', selector });
}

export function max<Event, Value extends number | null | undefined>(
  selector: Selector<Event, Value>,
): Aggregate<Event, NumericResult<Value>> {
  return Object.freeze({ kind: 'max', selector });
}

/** The arithmetic mean. */
export function avg<Event, Value extends number | null | undefined>(
  selector: Selector<Event, Value>,
): Aggregate<Event, NumericResult<Value>> {
  return Object.freeze({ kind: 'avg', selector });
}
