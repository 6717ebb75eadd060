/** An aggregate whose parts are gathered instead of merged, where no user code may run. */
import { type AggregateFunction, aggregateFunction } from './aggregate-function.ts';

/** Both as an accumulator and as it is saved. */
export type Gathered = { readonly parts: unknown[] };

const kind = 'gathering';

/** `savedOf`: what one event's value alone is saved as. */
export const gathering = (savedOf: (value: unknown) => unknown): AggregateFunction =>
  aggregateFunction<unknown, Gathered, unknown, never>({
    kind,
    version: 1,
    empty: () => ({ parts: [] }),
    add(gathered, value) {
      gathered.parts.push(savedOf(value));
      return gathered;
    },
    merge(gathered, saved) {
      if (!isGathered(saved)) gathered.parts.push(saved);
      else for (const part of saved.parts) gathered.parts.push(part);
      return gathered;
    },
    save: (gathered) => gathered,
    result() {
      throw new Error('what was gathered has no result before it is merged');
    },
  }) as AggregateFunction;

const isGathered = (saved: unknown): saved is Gathered =>
  typeof saved === 'object' && saved !== null && 'parts' in saved && Array.isArray(saved.parts);

/** Of the user's own, as it is or gathered: what it saves is merged by its code alone. */
export const isUserCode = ({ gathered, fingerprint }: AggregateFunction): boolean =>
  gathered !== undefined || fingerprint[0] === kind;
