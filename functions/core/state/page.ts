/**
 * Entries of a slice, or of several small ones, as a text, and back.
 *
 *   {"kinds":2,"starts":0,"widths":3600000,"saved":[[1,4,2],[[1,9],[4,30],[2,7]]]}     columns, of entries with one window
 *   ["anna"]                                                                          then a line for each key, in order
 *   ["bert"]
 *   ["carl"]
 *
 * PAGE-1 What is read is what was written, whatever a key, an accumulator or a mark is that JSON has a form for.
 * PAGE-2 The text follows from the entries alone.
 *
 * Hot: most entries have one window and nothing else, so those are written as columns, which JSON reads many times as fast as rows. A
 * column of which all values are one is that value. Canonical keys are JSON, so none has a line break in it.
 */
import type { SavedWindow } from '../saved-windows.ts';
import type { StateEntry } from './state-entry.ts';

type Columns = {
  /** 1: an upsert, 2: added. */
  readonly kinds: number | readonly number[];
  readonly starts: number | readonly number[];
  readonly widths: number | readonly number[];
  /** Of each aggregate. A number: the column at that place has the same. */
  readonly saved: readonly (readonly unknown[] | number)[];
  /** Absent: no window has one. Null: this one has none. */
  readonly marks?: readonly unknown[];
  /** How many entries each slice has, in order. Absent: all are of the page's. */
  readonly slices?: readonly (readonly [slice: number, entries: number])[];
  /** Entries of another form, each behind its place. */
  readonly others?: readonly (readonly [place: number, entry: OtherEntry])[];
};

/** `u`pserts, `a`dded, `r`emovals, `g`iven; absent: none. */
type OtherEntry = {
  readonly u?: StateEntry['upserts'];
  readonly a?: StateEntry['added'];
  readonly r?: StateEntry['removals'];
  readonly g?: NonNullable<StateEntry['given']>;
};

const upsert = 1;
const added = 2;
const none: readonly never[] = [];

/** `slices`: of each entry. Absent: they are of one. */
export type PageEntries = { readonly entries: readonly StateEntry[]; readonly slices?: readonly number[] | undefined };

export function pageText({ entries, slices }: PageEntries): string {
  const kinds: number[] = [];
  const windows: SavedWindow[] = [];
  const others: (readonly [number, OtherEntry])[] = [];
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at]!;
    const window = onlyWindowOf(entry);
    if (window === undefined || (windows.length > 0 && window[2].length !== windows[0]![2].length)) {
      others.push([at, otherOf(entry)]);
      continue;
    }
    kinds.push(entry.added.length === 1 ? added : upsert);
    windows.push(window);
  }
  const { starts, widths } = boundsOf(windows);
  const hasMarks = windows.some((window) => window[3] !== undefined);
  const columns = [
    `"kinds":${JSON.stringify(oneOrAll(kinds))},"starts":${starts},"widths":${widths},"saved":[${savedOf(windows)}]`,
    ...(hasMarks ? [`"marks":${JSON.stringify(windows.map((window) => window[3] ?? null))}`] : []),
    ...(slices === undefined ? [] : [`"slices":${JSON.stringify(countsOf(slices))}`]),
    ...(others.length > 0 ? [`"others":${JSON.stringify(others)}`] : []),
  ];
  let text = `{${columns.join()}}`;
  for (const { canonical } of entries) text += `\n${canonical}`;
  return text;
}

function countsOf(slices: readonly number[]): readonly (readonly [number, number])[] {
  const counts: [slice: number, entries: number][] = [];
  for (const slice of slices) {
    const last = counts.at(-1);
    if (last?.[0] === slice) last[1] += 1;
    else counts.push([slice, 1]);
  }
  return counts;
}

/** Undefined: the entry is of another form. */
function onlyWindowOf(entry: StateEntry): SavedWindow | undefined {
  if (entry.removals.length > 0 || entry.given !== undefined) return undefined;
  if (entry.upserts.length + entry.added.length !== 1) return undefined;
  const window = entry.upserts[0] ?? entry.added[0]!;
  return isExact(window[0]) && isExact(window[1]) ? window : undefined;
}

/** Differences of such numbers are exact. */
const isExact = (time: number): boolean => Number.isInteger(time) && Math.abs(time) <= 2 ** 51;

const otherOf = ({ upserts, added: merged, removals, given }: StateEntry): OtherEntry => ({
  ...(upserts.length === 0 ? {} : { u: upserts }),
  ...(merged.length === 0 ? {} : { a: merged }),
  ...(removals.length === 0 ? {} : { r: removals }),
  ...(given === undefined ? {} : { g: given }),
});

/** Starts are behind the first of them, which stands before them. */
function boundsOf(windows: readonly SavedWindow[]): { readonly starts: string; readonly widths: string } {
  const first = windows[0]?.[0] ?? 0;
  const starts = oneOrAll(windows.map(([start]) => start - first));
  const widths = oneOrAll(windows.map(([start, end]) => end - start));
  return {
    starts: JSON.stringify(typeof starts === 'number' ? first : [first, ...starts]),
    widths: JSON.stringify(widths),
  };
}

function oneOrAll(values: readonly number[]): number | readonly number[] {
  const first = values[0] ?? 0;
  return values.every((value) => value === first) ? first : values;
}

/** Columns that say the same are written once: of `sum` and `avg` of one number, say. */
function savedOf(windows: readonly SavedWindow[]): string {
  const texts: string[] = [];
  const columns: string[] = [];
  const count = windows[0]?.[2].length ?? 0;
  for (let column = 0; column < count; column++) {
    const text = JSON.stringify(windows.map((window) => window[2][column]));
    const same = texts.indexOf(text);
    texts.push(text);
    columns.push(same < 0 ? text : String(same));
  }
  return columns.join();
}

/** @throws if the text is no page of that many entries. */
export function entriesOfPage(text: string, count: number): PageEntries {
  const [first = '', ...keys] = text.split('\n');
  if (keys.length !== count) throw new Error(`it has ${keys.length} keys, not ${count}`);
  const columns = JSON.parse(first) as Columns;
  const others = columns.others ?? none;
  const windows = windowsOf(columns, count - others.length);
  const { kinds } = columns;
  const entries: StateEntry[] = [];
  let other = 0;
  for (let at = 0, regular = 0; at < count; at++) {
    const canonical = keys[at]!;
    if (others[other]?.[0] === at) {
      const { u = none, a = none, r = none, g } = others[other]![1];
      entries.push({ canonical, upserts: u, added: a, removals: r, ...(g === undefined ? {} : { given: g }) });
      other += 1;
      continue;
    }
    const only = [windows[regular]!];
    const kind = typeof kinds === 'number' ? kinds : kinds[regular];
    entries.push(
      kind === added
        ? { canonical, upserts: none, added: only, removals: none }
        : { canonical, upserts: only, added: none, removals: none },
    );
    regular += 1;
  }
  const { slices } = columns;
  if (slices === undefined) return { entries };
  return { entries, slices: slices.flatMap(([slice, ofSlice]) => new Array<number>(ofSlice).fill(slice)) };
}

function windowsOf({ starts, widths, saved, marks }: Columns, count: number): SavedWindow[] {
  const columns = saved.map((column) => (typeof column === 'number' ? (saved[column] as readonly unknown[]) : column));
  const base = typeof starts === 'number' ? starts : starts[0]!;
  const windows: SavedWindow[] = [];
  for (let at = 0; at < count; at++) {
    const accumulators: unknown[] = [];
    for (const column of columns) accumulators.push(column[at]);
    const start = typeof starts === 'number' ? base : base + starts[at + 1]!;
    const end = start + (typeof widths === 'number' ? widths : widths[at]!);
    const mark = (marks?.[at] ?? undefined) as SavedWindow[3];
    windows.push(mark === undefined ? [start, end, accumulators] : [start, end, accumulators, mark]);
  }
  return windows;
}
