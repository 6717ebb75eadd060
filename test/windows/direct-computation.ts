/**
 * What a pipeline with windows gives out, batch by batch, straight from the events and the watermarks: nothing of the engine is in it.
 * Each window has its events as they came; what a row makes of them is up to who asks.
 */

/** The last moment that has a date. At it everything is over, whatever the lateness. */
const endOfTime = 8_640_000_000_000_000;

export type Bounds = readonly [start: number, end: number];

export type Rules<Event> = {
  /** Those of an event, before any merge. */
  readonly windowsOf: (event: Event, batch: number) => readonly Bounds[];
  readonly keyOf: (event: Event) => string;
  /** Windows of a key that overlap are one. */
  readonly merges?: boolean;
  /** So are all of a key, for good: its result is of all time, and is taken back when the window is over. */
  readonly isTotal?: boolean;
  readonly latenessMs?: number;
  readonly mode?: 'append' | 'update' | 'complete';
  /** A result is of the events since the one before. */
  readonly discards?: boolean;
  /** Which outputs a row of these events goes to; to 'main' if not said. To none: a filter leaves it out, or it is refused. */
  readonly outputsOf?: (of: readonly Event[], key: string) => readonly string[];
  /** How many rows these events come to, for each output that takes them; one if not said. None: as if no output took them. */
  readonly countOf?: (of: readonly Event[]) => number;
};

export type Marks = {
  readonly batch?: number;
  readonly watermarkIn: number;
  readonly watermarkOut: number;
  /** Of this batch, if it is not that of the rules. */
  readonly mode?: Rules<unknown>['mode'];
};

/** Of a window: how many versions were given out, and which outputs have so many rows of the last one. */
export type Given = { readonly versions: number; readonly outputs: readonly string[]; readonly rows: number };

/** A window that is not over. */
export type Held<Event> = {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly of: readonly Event[];
  /** Undefined: nobody has asked for its row yet. */
  readonly given: Given | undefined;
};

/** A version of a result. */
export type Version = {
  readonly key: string;
  readonly window: Bounds;
  readonly revision: number;
  readonly timing: 'early' | 'on-time' | 'late';
  readonly final: boolean;
  /** Outputs that are given it. */
  readonly to: readonly string[];
  /** Which of its rows they are given. */
  readonly rows: readonly [first: number, upTo: number];
};

/** `of`: the events of its row. `to` none: it is a version of nothing. */
export type Result<Event> = Version & { readonly of: readonly Event[] };

/** What one batch comes to. */
export type Computed<Event> = {
  readonly results: readonly Result<Event>[];
  /** Rows that are taken back, from those outputs that have them. */
  readonly retractions: readonly Version[];
  readonly late: readonly Event[];
  /** Those whose end this batch's watermark has reached. */
  readonly closed: readonly Bounds[];
  /** How many windows of before have become part of others. */
  readonly replaced: number;
};

export const nameOf = ({ key, window }: Pick<Version, 'key' | 'window'>): string => `${key} ${window.join(' ')}`;

type Window<Event> = Held<Event> & {
  /** It has events of this batch. */
  readonly touched: boolean;
  /** Those of before that it has taken the place of. */
  readonly replaced: readonly Window<Event>[];
};

const simplest = { outputsOf: (): readonly string[] => ['main'], countOf: (): number => 1 };
const nothingGiven: Given = { versions: 0, outputs: [], rows: 0 };

export class DirectComputation<Event> {
  readonly #rules: Required<Rules<Event>>;
  readonly #held = new Map<string, readonly Window<Event>[]>();
  /** Rows that hold, by output and name, with their events: what a reader is to have who reads all. */
  readonly #rows = new Map<string, Map<string, readonly Event[]>>();

  constructor(rules: Rules<Event>) {
    this.#rules = {
      ...{ merges: rules.isTotal === true, isTotal: false, latenessMs: 0, mode: 'append', discards: false },
      ...simplest,
      ...rules,
    };
  }

  #watermarkOut = 0;

  /** Windows that are not over, as the last batch left them. */
  get held(): readonly Held<Event>[] {
    return [...this.#held.values()].flat();
  }

  rowsOf(output: string): ReadonlyMap<string, readonly Event[]> {
    return this.#rows.get(output) ?? new Map();
  }

  batch(events: readonly Event[], marks: Marks): Computed<Event> {
    const computed: Computing<Event> = { results: [], retractions: [], late: [], closed: [], replaced: 0 };
    const { keyOf } = this.#rules;
    const opened = Map.groupBy(events, keyOf);
    for (const key of new Set([...this.#held.keys(), ...opened.keys()]))
      this.#batchOfKey(key, opened.get(key) ?? [], marks, computed);
    for (const { to, of, ...version } of computed.results)
      for (const output of to) this.#put(output, nameOf(version), of);
    for (const { to, rows, ...version } of computed.retractions)
      for (const output of rows[0] === 0 ? to : []) this.#rowsFor(output).delete(nameOf(version));
    return computed;
  }

  #batchOfKey(key: string, events: readonly Event[], marks: Marks, computed: Computing<Event>): void {
    const held = this.#held.get(key) ?? [];
    const { watermarkIn, watermarkOut } = marks;
    this.#watermarkOut = watermarkOut;
    const isComplete = (marks.mode ?? this.#rules.mode) === 'complete';
    if (events.length === 0 && !isComplete && held.every((window) => window.end > watermarkOut)) return;
    const { merges, discards } = this.#rules;
    const isPast = ({ end }: Pick<Held<Event>, 'end'>): boolean => this.#overAt(end) <= watermarkIn;
    const opened: Window<Event>[] = [];
    for (const event of events) {
      const own = this.#rules.windowsOf(event, marks.batch ?? 0).map(([start, end]) => ({ start, end }));
      // Of windows that merge it is told by what they have become.
      const open = merges ? own : own.filter((window) => !isPast(window));
      if (open.length === 0) computed.late.push(event);
      for (const { start, end } of open)
        opened.push({ key, start, end, of: [event], touched: true, given: undefined, replaced: [] });
    }
    const left: Window<Event>[] = [];
    for (const window of joined([...held, ...opened], this.#rules)) {
      if (isPast(window)) {
        computed.late.push(...window.of);
        continue;
      }
      const results = computed.results.length;
      const given = this.#give(window, marks, computed);
      const of = discards && computed.results.length > results ? [] : window.of;
      if (this.#overAt(window.end) > watermarkOut) left.push({ ...window, of, given, touched: false, replaced: [] });
    }
    if (left.length > 0) this.#held.set(key, left);
    else this.#held.delete(key);
  }

  /** What has been given out of it then. */
  #give(window: Window<Event>, marks: Marks, computed: Computing<Event>): Given | undefined {
    const { watermarkIn, watermarkOut, mode = this.#rules.mode } = marks;
    const { discards, isTotal, outputsOf, countOf } = this.#rules;
    const { key, start, end, of, given = nothingGiven } = window;
    const timingOf = (at: number) => (at <= watermarkIn ? 'late' : at <= watermarkOut ? 'on-time' : 'early');
    for (const part of window.replaced) {
      if (part.given === undefined || part.given.outputs.length === 0 || discards) continue;
      const { versions: revision, outputs: to, rows } = part.given;
      const about = { key, window: [part.start, part.end] as const, revision };
      computed.retractions.push({ ...about, timing: timingOf(part.end), final: true, to, rows: [0, rows] });
    }
    computed.replaced += window.replaced.length;
    const timing = timingOf(end);
    if (timing === 'on-time') computed.closed.push([start, end]);
    if (isTotal) return this.#giveTotal(window, { timing, isOver: end <= watermarkOut }, computed);
    const isUnsaid = timing === 'on-time' && (mode !== 'update' || window.given === undefined);
    const changes = isUnsaid || (window.touched && (mode === 'update' || timing === 'late'));
    const gives = (changes || mode === 'complete') && of.length > 0;
    if (!gives) return window.given;
    const final = this.#overAt(end) <= watermarkOut;
    const version = { key, window: [start, end] as const, revision: given.versions, timing, final } as const;
    const rows = countOf(of);
    const to = rows === 0 ? [] : outputsOf(of, key);
    computed.results.push({ ...version, of, to, rows: [0, rows] });
    const had = discards ? [] : given.outputs;
    const back = had.filter((output) => !to.includes(output));
    if (back.length > 0) computed.retractions.push({ ...version, to: back, rows: [0, given.rows] });
    const fewer = rows < given.rows ? had.filter((output) => to.includes(output)) : [];
    if (fewer.length > 0) computed.retractions.push({ ...version, to: fewer, rows: [rows, given.rows] });
    const isVersion = to.length + back.length > 0;
    return { versions: given.versions + Number(isVersion), outputs: to, rows: to.length === 0 ? 0 : rows };
  }

  #giveTotal(
    window: Window<Event>,
    { timing, isOver }: Pick<Version, 'timing'> & { readonly isOver: boolean },
    computed: Computing<Event>,
  ): Given {
    const { mode, discards, outputsOf, countOf } = this.#rules;
    const { key, of, touched } = window;
    let given = window.given ?? nothingGiven;
    const versionOf = (): Omit<Version, 'to' | 'rows'> => {
      return { key, window: [-endOfTime, endOfTime], revision: given.versions, timing, final: false };
    };
    if (touched || (mode === 'complete' && !isOver)) {
      const rows = countOf(of);
      const to = rows === 0 ? [] : outputsOf(of, key);
      computed.results.push({ ...versionOf(), of, to, rows: [0, rows] });
      const had = discards ? [] : given.outputs;
      const back = had.filter((output) => !to.includes(output));
      if (back.length > 0) computed.retractions.push({ ...versionOf(), to: back, rows: [0, given.rows] });
      const fewer = rows < given.rows ? had.filter((output) => to.includes(output)) : [];
      if (fewer.length > 0) computed.retractions.push({ ...versionOf(), to: fewer, rows: [rows, given.rows] });
      const versions = given.versions + Number(to.length + back.length > 0);
      given = { versions, outputs: to, rows: to.length === 0 ? 0 : rows };
    }
    const isForgotten = isOver && this.#watermarkOut < endOfTime && !discards;
    if (isForgotten && given.outputs.length > 0)
      computed.retractions.push({ ...versionOf(), to: given.outputs, rows: [0, given.rows] });
    return given;
  }

  #overAt(end: number): number {
    const { latenessMs } = this.#rules;
    return latenessMs === 0 ? end : Math.min(end + latenessMs, Math.max(end, endOfTime));
  }

  /** Parts that belong together are put together. */
  #put(output: string, name: string, of: readonly Event[]): void {
    const rows = this.#rowsFor(output);
    rows.set(name, this.#rules.discards ? [...(rows.get(name) ?? []), ...of] : of);
  }

  #rowsFor(output: string): Map<string, readonly Event[]> {
    const rows = this.#rows.get(output) ?? new Map<string, readonly Event[]>();
    this.#rows.set(output, rows);
    return rows;
  }
}

type Computing<Event> = {
  readonly results: Result<Event>[];
  readonly retractions: Version[];
  readonly late: Event[];
  readonly closed: Bounds[];
  replaced: number;
};

/** Windows that are together are new ones; what was given out of a part goes on with the whole if they have the same bounds. */
function joined<Event>(
  windows: readonly Window<Event>[],
  { merges, isTotal }: Required<Rules<Event>>,
): Window<Event>[] {
  const groups: Window<Event>[][] = [];
  let last: { readonly start: number; end: number } | undefined;
  for (const window of windows.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    const isSame = last !== undefined && last.start === window.start && last.end === window.end;
    if (last !== undefined && (isSame || isTotal || (merges && window.start < last.end))) {
      groups.at(-1)!.push(window);
      last.end = Math.max(last.end, window.end);
    } else {
      groups.push([window]);
      last = { start: window.start, end: window.end };
    }
  }
  return groups.map((parts) => (parts.length === 1 ? parts[0]! : joinedParts(parts, isTotal)));
}

function joinedParts<Event>(parts: readonly Window<Event>[], isTotal: boolean): Window<Event> {
  const { key, start } = parts[0]!;
  const end = Math.max(...parts.map((part) => part.end));
  const before = parts.filter(({ touched }) => !touched);
  const itself = before.find((part) => isTotal || (part.start === start && part.end === end));
  return {
    ...{ key, start, end, of: parts.flatMap((part) => part.of), touched: true },
    ...{ given: itself?.given, replaced: before.filter((part) => part !== itself) },
  };
}
