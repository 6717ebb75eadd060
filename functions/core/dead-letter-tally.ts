/**
 * Dead letters of a batch by reason, with one example of each: enough to know what is wrong without reading any.
 *
 * TALLY-1 The counts of a tally add up to the letters it has counted, however tallies are merged.
 */
import type { DeadLetterReason } from './dead-letter.ts';
import { nameOf, type ShardName } from './shard-name.ts';

export type LetterExample = ShardName & {
  readonly sequenceNumber: string;
  readonly subSequenceNumber: number;
  /** None for a row that was refused: it may quote data, and what counts rows goes through the state machine. */
  readonly message?: string;
};
export type ReasonCount = {
  readonly reason: DeadLetterReason;
  readonly count: number;
  readonly example: LetterExample;
};
/** In the order in which the reasons came. */
export type Tally = readonly ReasonCount[];

export const emptyTally: Tally = [];

/** Reports are read by people. */
const maxMessageLength = 200;

export function countLetter(tally: Tally, letter: LetterExample & { readonly reason: DeadLetterReason }): Tally {
  const { reason, sequenceNumber, subSequenceNumber, message } = letter;
  if (tally.some((each) => each.reason === reason)) {
    return tally.map((each) => (each.reason === reason ? { ...each, count: each.count + 1 } : each));
  }
  const short = message === undefined ? {} : { message: message.slice(0, maxMessageLength).toWellFormed() };
  return [...tally, { reason, count: 1, example: { ...nameOf(letter), sequenceNumber, subSequenceNumber, ...short } }];
}

/** Of several examples the first stays. */
export function mergeTallies(tallies: readonly Tally[]): Tally {
  const merged = new Map<DeadLetterReason, ReasonCount>();
  for (const each of tallies.flat()) {
    const known = merged.get(each.reason);
    merged.set(each.reason, known === undefined ? each : { ...known, count: known.count + each.count });
  }
  return [...merged.values()];
}

export const lettersIn = (tally: Tally): number => tally.reduce((sum, { count }) => sum + count, 0);

/** What became of rows: results + made + retracted = emitted + filtered + refused. */
export type RowCounts = {
  readonly results: number;
  readonly emitted: number;
  readonly filtered: number;
  readonly refused: number;
  /** Records that took a row back. Absent if there were none. */
  readonly retracted?: number;
  /** By how many more `flatMap` has made of results than one each. Absent: none. */
  readonly made?: number;
};

/** Of rows that left the state: how many there were, and why some are not in the sink. */
export type RowFates = {
  readonly results: number;
  readonly filtered: number;
  readonly refused: Tally;
  /** Events that executors have counted, and whose windows had closed when all had merged. Absent: none. */
  readonly late?: number | undefined;
  /** Records that take a row back. Absent: none. */
  readonly retracted?: number | undefined;
  /** By how many more `flatMap` has made of results than one each. Absent: none. */
  readonly made?: number | undefined;
};

export const noFates: RowFates = { results: 0, filtered: 0, refused: emptyTally };

export function addFates(one: RowFates, other: RowFates): RowFates {
  return {
    results: one.results + other.results,
    filtered: one.filtered + other.filtered,
    refused: mergeTallies([one.refused, other.refused]),
    ...ifAny('late', (one.late ?? 0) + (other.late ?? 0)),
    ...ifAny('retracted', (one.retracted ?? 0) + (other.retracted ?? 0)),
    ...ifAny('made', (one.made ?? 0) + (other.made ?? 0)),
  };
}

const ifAny = <Name extends string>(name: Name, count: number): { readonly [Each in Name]?: number } =>
  (count === 0 ? {} : { [name]: count }) as { readonly [Each in Name]?: number };

export const noRows: RowCounts = { results: 0, emitted: 0, filtered: 0, refused: 0 };

export function addRows(one: RowCounts, other: RowCounts): RowCounts {
  return {
    results: one.results + other.results,
    emitted: one.emitted + other.emitted,
    filtered: one.filtered + other.filtered,
    refused: one.refused + other.refused,
    ...ifAny('retracted', (one.retracted ?? 0) + (other.retracted ?? 0)),
    ...ifAny('made', (one.made ?? 0) + (other.made ?? 0)),
  };
}
