/**
 * The first rows of each window, over all keys.
 *
 * FIRST-1 The rows of a window have one order, whoever compares them: by what they are ranked by, then by the canonical text of their key. A
 *    row without such a number comes behind all others. So the first n are the same, in whatever order they are looked at.
 * FIRST-2 The first n over all keys are among the first n of each key group, so a key group hands on no more.
 */
import type { TopRows } from '../pipeline/pipeline.ts';

/** Of which rows, and where it stands among those of its window. */
export type RowPlace = {
  readonly start: number;
  readonly end: number;
  readonly canonical: string;
  /** Null: it has none. */
  readonly by: number | null;
};

/** How many of each window, and in which order. */
export type TopRule = Pick<TopRows, 'n' | 'order'>;

export class FirstRows<Row extends RowPlace> {
  readonly #rule: TopRule;
  readonly #byWindow = new Map<string, Row[]>();

  constructor(rule: TopRule) {
    this.#rule = rule;
  }

  /** Leaves out one that so many stand before, and what it takes the place of. */
  take(row: Row): void {
    const name = `${row.start}/${row.end}`;
    const rows = this.#byWindow.get(name) ?? [];
    this.#byWindow.set(name, rows);
    if (this.isBehind(row)) return;
    rows.splice(placeIn(rows, row, this.#rule), 0, row);
    if (rows.length > this.#rule.n) rows.pop();
  }

  /** Whether it is not among the first of its window for sure, by those that have been taken. */
  isBehind(row: RowPlace): boolean {
    const last = this.#byWindow.get(`${row.start}/${row.end}`)?.[this.#rule.n - 1];
    return last !== undefined && inOrder(last, row, this.#rule) < 0;
  }

  /** Windows by time, the rows of each in their order. */
  byWindow(): readonly (readonly Row[])[] {
    return [...this.#byWindow.values()].sort(([one], [other]) => one!.start - other!.start || one!.end - other!.end);
  }
}

function placeIn(rows: readonly RowPlace[], row: RowPlace, rule: TopRule): number {
  let [from, upTo] = [0, rows.length];
  while (from < upTo) {
    const middle = (from + upTo) >> 1;
    if (inOrder(rows[middle]!, row, rule) < 0) from = middle + 1;
    else upTo = middle;
  }
  return from;
}

/** Below 0: `one` comes first. */
function inOrder(one: RowPlace, other: RowPlace, { order }: TopRule): number {
  if (one.by !== other.by) {
    if (one.by === null) return 1;
    if (other.by === null) return -1;
    const lowestFirst = one.by < other.by ? -1 : 1;
    return order === 'lowest' ? lowestFirst : -lowestFirst;
  }
  if (one.canonical === other.canonical) return 0;
  return one.canonical < other.canonical ? -1 : 1;
}
