/** What came into the outputs since it was taken last, by their names, in the order in which they came. */
export type RowsByOutput = ReadonlyMap<string, readonly Uint8Array[]>;

export class ShownRows {
  #rows = new Map<string, Uint8Array[]>();

  add(output: string, rows: readonly Uint8Array[]): void {
    if (rows.length === 0) return;
    const before = this.#rows.get(output);
    if (before === undefined) this.#rows.set(output, [...rows]);
    else for (const row of rows) before.push(row);
  }

  take(): RowsByOutput {
    const taken = this.#rows;
    this.#rows = new Map();
    return taken;
  }
}
