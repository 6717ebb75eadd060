/**
 * The state as rows, for people, scripts and tests: each window of a key, with what its aggregates would give now.
 *
 * ROW-1 No code of the user's runs: an aggregate of his own is shown as it is saved, and what follows the aggregates is left out.
 * ROW-2 Rows are ordered by slice, key, start and end.
 */
import type { Aggregation, KeyValue } from '../../pipeline/pipeline.ts';
import { FailedAggregate } from '../../user-code/callback-failure.ts';
import { windowKinds } from '../../windows/index.ts';
import { canonicalKey } from '../key-group.ts';
import type { Given, SavedWindow } from '../saved-windows.ts';
import type { KeyOfSlice } from './keys-by-slice.ts';

/**
 * What a row is of: a window; of windows that overlap a pane, which several of them share, and windows that have given out the same; what
 * `dropDuplicates` knows an event by.
 */
export type StateRowKind = 'window' | 'pane' | 'given' | 'seen';

/** A row of the state: what is kept of a key in one window. */
export type StateRow = {
  /** What it is of: a window; of windows that overlap a pane, or windows that have given out the same; an event that has passed. */
  readonly kind: StateRowKind;
  /** In which key group it lies. */
  readonly group: number;
  /** By the names of `groupBy` or `dropDuplicates`. */
  readonly key: Readonly<Record<string, KeyValue>>;
  /** ISO text, in UTC; of a window per micro-batch its number. Of `given` the first end of those windows. */
  readonly start: string | number;
  /** ISO text, in UTC; of a window per micro-batch the number after its own. Of `given` the last end of those windows. */
  readonly end: string | number;
  /**
   * What each aggregate would give now, before `filter` and `map` of rows; null where it fails, and where it is of your own. Absent: the
   * definition is not known, or all that came was given out and is not to be given again.
   */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Of aggregates of your own, what is saved. Absent: there are none. */
  readonly saved?: Readonly<Record<string, unknown>>;
  /** How many versions of the result were given out, and how many rows of the last one hold. Absent: none was. */
  readonly given?: {
    /** From 1 on. */
    readonly versions: number;
    /** That hold of the last of them. */
    readonly rows: number;
  };
};

/** With its place in the order of rows. */
export type PlacedRow = { readonly at: RowPlace; readonly row: StateRow };
export type RowPlace = readonly [slice: number, canonical: string, start: number, end: number, isGiven: 0 | 1];

/** What a fingerprint says of the state. */
export type StateShape = {
  readonly keys: readonly string[];
  /** Of events that have passed: in place of the mark that tells them from groups, undefined. */
  readonly seenKeys: readonly (string | undefined)[] | undefined;
  readonly kind: StateRowKind;
  readonly hasTimes: boolean;
  readonly aggregates: readonly (readonly [name: string, kind: string])[];
};

type Fingerprint = {
  readonly keys?: readonly string[];
  readonly window?: readonly [kind: string, ...unknown[]];
  readonly distinct?: readonly (string | number)[];
  readonly aggregates?: StateShape['aggregates'];
};

const passing = 'drop-duplicates';

/** Undefined: a pipeline without state. */
export function shapeOf(fingerprint: string): StateShape | undefined {
  const { keys, window, distinct, aggregates = [] } = JSON.parse(fingerprint) as Fingerprint;
  if (keys === undefined || window === undefined) return undefined;
  const kind = windowKinds.of({ kind: window[0] });
  const seen = distinct?.slice(0, distinct.indexOf(passing)) as string[] | undefined;
  return {
    keys,
    seenKeys: seen?.map((name, at) => (at === keys.length ? undefined : name)),
    kind: window[0] === passing ? 'seen' : kind?.panes === undefined ? 'window' : 'pane',
    hasTimes: kind?.of !== 'micro-batch',
    aggregates,
  };
}

export type RowsOf = {
  readonly shape: StateShape;
  readonly group: number;
  /** Absent: values are left out. */
  readonly aggregation?: Pick<Aggregation, 'aggregates'> | undefined;
  /** Accumulators as the aggregates have them. Absent: they are so. */
  readonly fitted?: ((accumulators: readonly unknown[]) => readonly unknown[]) | undefined;
};

const asSaved = (accumulators: readonly unknown[]): readonly unknown[] => accumulators;

export function* rowsOfKey([slice, [keyValues, windows, given = []]]: KeyOfSlice, of: RowsOf): Generator<PlacedRow> {
  const { shape, group, aggregation, fitted = asSaved } = of;
  const canonical = canonicalKey(keyValues);
  const names = shape.seenKeys !== undefined && keyValues.length > shape.keys.length ? shape.seenKeys : shape.keys;
  const kind = names === shape.seenKeys ? 'seen' : shape.kind;
  const hasTimes = kind === 'seen' || shape.hasTimes;
  const ofKey = { group, key: keyObject(names, keyValues) };
  for (const window of windows) {
    const [start, end, saved, mark] = window;
    const bounds = { start: momentOf(start, hasTimes), end: momentOf(end, hasTimes) };
    const values = kind === 'seen' || aggregation === undefined ? {} : valuesOf(aggregation, fitted(saved));
    const row = { kind, ...ofKey, ...bounds, ...values, ...givenPart(mark) };
    yield { at: [slice, canonical, start, end, 0], row };
  }
  for (const [first, last, versions] of given) {
    const bounds = { start: momentOf(first, hasTimes), end: momentOf(last, hasTimes) };
    yield {
      at: [slice, canonical, first, last, 1],
      row: { kind: 'given', ...ofKey, ...bounds, ...givenPart(versions) },
    };
  }
}

function keyObject(names: readonly (string | undefined)[], values: readonly KeyValue[]): Record<string, KeyValue> {
  const pairs = values.flatMap((value, at) => {
    const name = at < names.length ? names[at] : `key${at + 1}`;
    return name === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}

/** Beyond what a date can be it stays a number. */
function momentOf(time: number, isTime: boolean): string | number {
  if (!isTime) return time;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toISOString();
}

function givenPart(mark: SavedWindow[3] | Given): Pick<StateRow, 'given'> {
  if (!Array.isArray(mark) || typeof mark[0] !== 'number' || typeof mark[1] !== 'number') return {};
  return { given: { versions: mark[0], rows: mark[1] } };
}

function valuesOf(
  { aggregates }: Pick<Aggregation, 'aggregates'>,
  accumulators: readonly unknown[],
): Pick<StateRow, 'values' | 'saved'> {
  if (accumulators.length === 0) return {};
  const values: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  for (const [at, { name, fn }] of aggregates.entries()) {
    values[name] = null;
    if (fn.gathered !== undefined) own[name] = accumulators[at];
    else values[name] = resultOf(fn, accumulators[at]);
  }
  return Object.keys(own).length === 0 ? { values } : { values, saved: own };
}

function resultOf(fn: Aggregation['aggregates'][number]['fn'], saved: unknown): unknown {
  try {
    return fn.result(fn.merge(fn.empty(), saved));
  } catch (error) {
    if (error instanceof FailedAggregate) return null;
    throw error;
  }
}

/** Less than 0: `one` comes first. 0: they are of the same window of the same key. */
export function comparePlaces(one: RowPlace, other: RowPlace): number {
  if (one[0] !== other[0]) return one[0] - other[0];
  if (one[1] !== other[1]) return one[1] < other[1] ? -1 : 1;
  return one[4] - other[4] || one[2] - other[2] || one[3] - other[3];
}
