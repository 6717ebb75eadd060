/**
 * Which events pass `dropDuplicates`, straight from the events of each batch and the watermark that it began with: nothing of the engine is
 * in it, and nothing is ever forgotten.
 */
export type PassingRules<Event> = {
  readonly keyOf: (event: Event) => string;
  readonly timeOf: (event: Event) => number;
  /** Of two events of one time, which comes first; negative: `one` does. */
  readonly compare: (one: Event, other: Event) => number;
  readonly withinMs: number;
};

export type PassedInBatch<Event> = {
  /** By time. */
  readonly passed: readonly Event[];
  readonly duplicates: readonly Event[];
  readonly late: readonly Event[];
};

export class DirectPassing<Event> {
  readonly #rules: PassingRules<Event>;
  /** By key: the times of all that has passed. */
  readonly #times = new Map<string, number[]>();

  constructor(rules: PassingRules<Event>) {
    this.#rules = rules;
  }

  batch(events: readonly Event[], watermarkIn: number | null): PassedInBatch<Event> {
    const { keyOf, timeOf, compare, withinMs } = this.#rules;
    const isLate = (event: Event): boolean => watermarkIn !== null && timeOf(event) < watermarkIn;
    const passed: Event[] = [];
    const duplicates: Event[] = [];
    const inTime = events.filter((event) => !isLate(event));
    for (const event of inTime.toSorted((one, other) => timeOf(one) - timeOf(other) || compare(one, other))) {
      const times = this.#times.get(keyOf(event)) ?? [];
      const isDuplicate = times.some((time) => Math.abs(time - timeOf(event)) < withinMs);
      (isDuplicate ? duplicates : passed).push(event);
      if (!isDuplicate) this.#times.set(keyOf(event), [...times, timeOf(event)]);
    }
    return { passed, duplicates, late: events.filter(isLate) };
  }

  /** What still keeps others out at this watermark. */
  heldAt(watermark: number): readonly { readonly key: string; readonly start: number; readonly end: number }[] {
    const { withinMs } = this.#rules;
    const all = [...this.#times].flatMap(([key, times]) =>
      times.map((start) => ({ key, start, end: start + withinMs })),
    );
    return all.filter(({ end }) => end > watermark);
  }

  /** The keys of that, each as often as it has passed. */
  keptAt(watermark: number): readonly string[] {
    return this.heldAt(watermark).map(({ key }) => key);
  }
}
