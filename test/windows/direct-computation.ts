/** What a pipeline of sessions or of tumbling windows gives out, batch by batch, straight from the events and the watermarks. */

export type Reading = { readonly at: number; readonly key: string; readonly value: number };

export type Rules = {
  /** Those of an event, before any merge. */
  readonly windowOf: (at: number) => readonly [start: number, end: number];
  /** Windows that overlap are one. */
  readonly merges: boolean;
};

export type Marks = { readonly watermarkIn: number; readonly watermarkOut: number };

type Held = { start: number; end: number; readonly of: Reading[] };

/** What one batch comes to. */
export type Computed = { readonly rows: readonly string[]; readonly late: readonly Reading[] };

export const rowText = (key: string, start: number, end: number, of: readonly Reading[]): string =>
  `${key} [${start}, ${end}) ${of.length} ${of.reduce((sum, { value }) => sum + value, 0)}`;

export class DirectComputation {
  readonly #rules: Rules;
  readonly #held = new Map<string, Held[]>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  batch(events: readonly Reading[], { watermarkIn, watermarkOut }: Marks): Computed {
    const late: Reading[] = [];
    const rows: string[] = [];
    for (const [key, own] of Map.groupBy(events, (event) => event.key))
      this.#held.set(key, [...(this.#held.get(key) ?? []), ...own.map((event) => this.#windowFor(event))]);
    for (const [key, held] of this.#held) {
      const whole = joined(held, this.#rules.merges);
      for (const { of } of whole.filter(({ end }) => end <= watermarkIn)) late.push(...of);
      const inTime = whole.filter(({ end }) => end > watermarkIn);
      for (const { start, end, of } of inTime) if (end <= watermarkOut) rows.push(rowText(key, start, end, of));
      this.#held.set(
        key,
        inTime.filter(({ end }) => end > watermarkOut),
      );
    }
    return { rows, late };
  }

  #windowFor(event: Reading): Held {
    const [start, end] = this.#rules.windowOf(event.at);
    return { start, end, of: [event] };
  }
}

function joined(held: readonly Held[], merges: boolean): Held[] {
  const whole: Held[] = [];
  for (const { start, end, of } of held.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    const last = whole.at(-1);
    if (last !== undefined && (merges ? start < last.end : start === last.start && end === last.end)) {
      last.end = Math.max(last.end, end);
      last.of.push(...of);
    } else whole.push({ start, end, of: [...of] });
  }
  return whole;
}
