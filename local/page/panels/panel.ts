/** A part of the page: what is shown, as values. How it is drawn is in `../assets/panels/`, under the same id. */
import type { PageFacts } from '../page-facts.ts';

export type Panel = {
  readonly id: string;
  /** Plain JSON. It holds no time of its own: it changes when what is known changes. Undefined: nothing to show yet. */
  readonly model: (facts: PageFacts) => unknown;
};

/** Lines over one axis of times. */
export type Chart = {
  readonly title: string;
  readonly unit: 'per second' | 'bytes per second' | 'ms' | 'count' | 'dollars';
  /** Epoch milliseconds, in order. */
  readonly at: readonly number[];
  readonly lines: readonly Line[];
};

/** As many values as the axis has times; null: none. */
export type Line = { readonly name: string; readonly values: readonly (number | null)[] };
