/**
 * Values that an aggregate keeps as they are: as their JSON text, which nothing changes any more.
 *
 * HELD-1 A value is no longer than `maxHeldCharacters`, so what is kept of a bounded number of values is bounded.
 * HELD-2 What JSON would change without a word is refused, and its event becomes a dead letter.
 */
import type { Callback, EventMeta } from '../pipeline/callback.ts';
import { NoJsonForm, refusePromise } from '../user-code/callback-failure.ts';
import type { JsonOf } from '../user-code/json-of.ts';
import { unchangedJson } from '../user-code/unchanged-json.ts';

export type { JsonOf };

/** Of the JSON of one value. */
export const maxHeldCharacters = 4_096;

/** With a selector that may return nothing, a whole group may have nothing: then its result is null. */
export type HeldResult<Value> = unknown extends Value
  ? unknown
  : [Value] extends [NonNullable<Value>]
    ? JsonOf<Value>
    : JsonOf<NonNullable<Value>> | null;

export type HeldSelector<Event, Value> = (
  event: Event,
  meta: EventMeta,
) => Value extends PromiseLike<unknown> ? never : Value;

/** What is computed with: the JSON, or why there is none. Undefined: nothing was there. */
export type Held = string | undefined | { readonly refused: string };

/** In place of the user's selector. `option` is that of the aggregate, such as `aggregate.last`. */
export function heldBy(option: string, selector: Callback<unknown>, textOf = written): Callback<Held> {
  const of = option.replace('.', ' ');
  return (event, meta) => {
    const value = selector(event, meta);
    if (value === null || value === undefined) return undefined;
    refusePromise(value, of);
    try {
      // Most values are texts, which nothing changes.
      const text = typeof value === 'string' ? JSON.stringify(value) : textOf(value);
      if (text.length <= maxHeldCharacters) return text;
      return { refused: `${text.length} characters of JSON are too many to keep; ${maxHeldCharacters} are allowed` };
    } catch (error) {
      if (!(error instanceof NoJsonForm)) throw error;
      return { refused: error.message };
    }
  };
}

export const refusesHeld = (held: unknown): string | undefined =>
  typeof held === 'object' && held !== null && 'refused' in held ? String(held.refused) : undefined;

/** What was kept, anew each time: whoever is given it may change it. */
export const restored = (text: string): unknown => JSON.parse(text);

/** The order of fields is the value's own. */
export function written(value: unknown): string {
  if (typeof value === 'bigint') throw new NoJsonForm(`a bigint ${noText}`);
  return unchangedJson(value, { nothing: 'return null where there is no value', noText: 'return null, or text' });
}
const noText = 'has no form in JSON; return null, or text';

/** One text for equal values, whatever order their fields are in. */
export function canonical(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new NoJsonForm(severalNumbers);
  const text = written(value);
  return typeof value === 'object' ? JSON.stringify(inOrder(JSON.parse(text))) : text;
}
const severalNumbers =
  "a whole number beyond 2^53 may stand for several; read it as text: json(schema, { largeIntegers: 'text' })";

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, inOrder(field)]));
}
