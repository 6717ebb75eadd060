/** What a store would give back of a value. */
import type { SavedPartials } from '../core/group-partials.ts';

/** What a store gives back has been through it. */
export const throughJson = <Value>(value: Value): Value =>
  value === undefined ? value : (JSON.parse(JSON.stringify(value)) as Value);

/** What a block carries is taken as it is: a test is told what it was made of. */
export const asStored = ({ windows, carried }: SavedPartials): SavedPartials => ({
  windows: throughJson(windows),
  ...(carried === undefined ? {} : { carried }),
});
