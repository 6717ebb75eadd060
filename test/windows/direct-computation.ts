/** What a pipeline of sessions or of other windows gives out, batch by batch, straight from the events and the watermarks. */

export type Reading = { readonly at: number; readonly key: string; readonly value: number };

export type Rules = {
  /** Those of an event, before any merge. */
  readonly windowOf: (at: number) => readonly [start: number, end: number];
  /** Windows that overlap are one. */
  readonly merges: boolean;
  readonly latenessMs?: number;
  readonly mode?: 'append' | 'update';
  /** Of the sum of a row: those that go out. */
  readonly keeps?: (total: number) => boolean;
};

export type Marks = { readonly watermarkIn: number; readonly watermarkOut: number };

type Held = {
  start: number;
  end: number;
  readonly of: Reading[];
  /** It has events of this batch. */
  touched: boolean;
  /** Of the window of these very bounds. */
  versions: number;
  isOut: boolean;
  /** Those of before that it has taken the place of. */
  readonly replaced: Held[];
};

/** A version of a result: which it is, and the row, if it has one. */
export type Version = {
  readonly key: string;
  readonly window: readonly [number, number];
  readonly revision: number;
  readonly timing: 'early' | 'on-time' | 'late';
  readonly final: boolean;
  readonly row: { readonly events: number; readonly total: number } | undefined;
};

/** What one batch comes to. */
export type Computed = {
  readonly versions: readonly Version[];
  readonly filtered: number;
  readonly late: readonly Reading[];
};

export const nameOf = ({ key, window }: Pick<Version, 'key' | 'window'>): string => `${key} ${window.join(' ')}`;

export class DirectComputation {
  readonly #rules: Required<Rules>;
  readonly #held = new Map<string, Held[]>();
  /** Rows that hold, by key and window: what a reader is to have who reads all. */
  readonly rows = new Map<string, Version['row']>();

  constructor(rules: Rules) {
    this.#rules = { latenessMs: 0, mode: 'append', keeps: () => true, ...rules };
  }

  batch(events: readonly Reading[], marks: Marks): Computed {
    const { latenessMs, merges } = this.#rules;
    const late: Reading[] = [];
    const versions: Version[] = [];
    let filtered = 0;
    for (const [key, own] of Map.groupBy(events, (event) => event.key))
      this.#held.set(key, [...(this.#held.get(key) ?? []), ...own.map((event) => this.#windowFor(event))]);
    for (const [key, held] of this.#held) {
      const whole = joined(held, merges);
      const isPast = ({ end }: Held): boolean => end + latenessMs <= marks.watermarkIn;
      for (const { of } of whole.filter(isPast)) late.push(...of);
      const inTime = whole.filter((window) => !isPast(window));
      for (const window of inTime) {
        const given = this.#give(key, window, marks);
        versions.push(...given.versions);
        filtered += given.filtered;
      }
      const left = inTime.filter(({ end }) => end + latenessMs > marks.watermarkOut);
      this.#held.set(
        key,
        left.map((window) => ({ ...window, touched: false, replaced: [] })),
      );
    }
    for (const version of versions) {
      if (version.row === undefined) this.rows.delete(nameOf(version));
      else this.rows.set(nameOf(version), version.row);
    }
    return { versions, filtered, late };
  }

  /** Sets what has been given out of the window. */
  #give(key: string, window: Held, marks: Marks): { readonly versions: readonly Version[]; readonly filtered: number } {
    const { latenessMs, mode, keeps } = this.#rules;
    const timingOf = ({ end }: Held) =>
      end <= marks.watermarkIn
        ? ('late' as const)
        : end <= marks.watermarkOut
          ? ('on-time' as const)
          : ('early' as const);
    const versions: Version[] = window.replaced
      .filter(({ isOut }) => isOut)
      .map((part) => {
        const timing = timingOf(part);
        return { key, window: [part.start, part.end], revision: part.versions, timing, final: true, row: undefined };
      });
    const timing = timingOf(window);
    const gives = mode === 'update' ? window.touched : timing === 'on-time' || (timing === 'late' && window.touched);
    if (!gives) return { versions, filtered: 0 };
    const row = { events: window.of.length, total: window.of.reduce((sum, { value }) => sum + value, 0) };
    const isKept = keeps(row.total);
    if (isKept || window.isOut) {
      const final = window.end + latenessMs <= marks.watermarkOut;
      const bounds = [window.start, window.end] as const;
      versions.push({ key, window: bounds, revision: window.versions, timing, final, row: isKept ? row : undefined });
      window.versions += 1;
    }
    window.isOut = isKept;
    return { versions, filtered: isKept ? 0 : 1 };
  }

  #windowFor(event: Reading): Held {
    const [start, end] = this.#rules.windowOf(event.at);
    return { start, end, of: [event], touched: true, versions: 0, isOut: false, replaced: [] };
  }
}

/** Windows that are together are new ones; what was given out of a part goes on with the whole if they have the same bounds. */
function joined(held: readonly Held[], merges: boolean): Held[] {
  const groups: Held[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const window of held.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    const last = groups.at(-1)?.at(-1);
    const isSame = last !== undefined && last.start === window.start && last.end === window.end;
    if (isSame || (merges && window.start < end)) groups.at(-1)!.push(window);
    else groups.push([window]);
    end = groups.at(-1)!.length === 1 ? window.end : Math.max(end, window.end);
  }
  return groups.map((parts) => {
    const [start, until] = [Math.min(...parts.map((part) => part.start)), Math.max(...parts.map((part) => part.end))];
    const before = parts.filter(({ touched }) => !touched);
    const itself = before.find((part) => part.start === start && part.end === until);
    return {
      ...{ start, end: until, of: parts.flatMap((part) => part.of), touched: parts.some(({ touched }) => touched) },
      ...{ versions: itself?.versions ?? 0, isOut: itself?.isOut ?? false },
      replaced: before.filter((part) => part !== itself),
    };
  });
}
