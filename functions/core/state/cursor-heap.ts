/** Cursors of which the one that comes first is at hand. Hot: moved once for each entry. */

export class CursorHeap<Cursor> {
  readonly #cursors: Cursor[] = [];
  readonly #isBefore: (one: Cursor, other: Cursor) => boolean;

  constructor(cursors: readonly Cursor[], isBefore: (one: Cursor, other: Cursor) => boolean) {
    this.#isBefore = isBefore;
    this.#cursors.push(...[...cursors].sort((one, other) => (isBefore(one, other) ? -1 : 1)));
  }

  get first(): Cursor | undefined {
    return this.#cursors[0];
  }

  /** The one behind the first. */
  get second(): Cursor | undefined {
    const [, one, other] = this.#cursors;
    return one !== undefined && other !== undefined && this.#isBefore(other, one) ? other : one;
  }

  /** The first has moved on. */
  moved(): void {
    this.#sink(this.#cursors[0]!);
  }

  /** The first has nothing more. */
  remove(): void {
    const last = this.#cursors.pop()!;
    if (this.#cursors.length > 0) this.#sink(last);
  }

  /** From the top down. */
  #sink(cursor: Cursor): void {
    const cursors = this.#cursors;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= cursors.length) break;
      if (below + 1 < cursors.length && this.#isBefore(cursors[below + 1]!, cursors[below]!)) below += 1;
      if (!this.#isBefore(cursors[below]!, cursor)) break;
      cursors[at] = cursors[below]!;
      at = below;
    }
    cursors[at] = cursor;
  }
}
