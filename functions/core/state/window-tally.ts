/**
 * How many keys each window has, over all key groups.
 *
 * WINDOWKEYS-1 A bounded number of windows is counted each; of sessions, which lie where their keys have put them, there may be as many as keys.
 *    What comes of further ones is counted as a whole.
 */
import type { PlacedRow, StateRow } from './state-row.ts';

/** A window, or pane, and how much is kept in it. */
export type WindowCount = Pick<StateRow, 'kind' | 'start' | 'end'> & {
  /** Keys that have something in it. */
  readonly keys: number;
  /** Of how many of them a result was given out before. */
  readonly given: number;
};

const defaultMost = 10_000;

export class WindowTally {
  readonly #most: number;
  readonly #counts = new Map<string, { at: readonly number[]; count: WindowCount }>();
  /** Rows of windows that are not counted each. */
  left = 0;

  constructor(most = defaultMost) {
    this.#most = most;
  }

  add({ at, row }: PlacedRow): void {
    const { kind, start, end } = row;
    const bounds = [at[2], at[3]];
    const name = `${kind} ${bounds.join()}`;
    const known = this.#counts.get(name);
    const given = row.given === undefined ? 0 : 1;
    if (known !== undefined)
      known.count = { ...known.count, keys: known.count.keys + 1, given: known.count.given + given };
    else if (this.#counts.size < this.#most)
      this.#counts.set(name, { at: bounds, count: { kind, start, end, keys: 1, given } });
    else this.left += 1;
  }

  /** By end and start. */
  get windows(): readonly WindowCount[] {
    const all = [...this.#counts.values()];
    return all
      .sort(({ at: [start, end] }, { at: other }) => end! - other[1]! || start! - other[0]!)
      .map(({ count }) => count);
  }
}
