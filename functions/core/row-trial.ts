/**
 * Which row of a sealed batch ends its reducer. User code of rows runs in place until a reducer has died in a batch; from
 * then on it runs apart, and what it has done is noted beside the state that is to be put.
 *
 * TRIAL-1 A row is named by its place: rows of a sealed batch come in a fixed order, whoever reduces.
 * TRIAL-2 A row dies by its own code only: it was in hand, alone, when the isolate ended, or the process did. Errors of
 *    services and of isolates that can't be started never count.
 * TRIAL-3 A row is given up after three deaths, each at least a minute after the one before.
 * TRIAL-4 Rows that the process died with are looked at in ever smaller groups, until one is alone.
 * TRIAL-5 Rows that went well apart are not run apart again: a trial of any length ends. Rows are pure, so what they answer
 *    in place is what they answered apart. A reducer that dies of them in place three times has more rows than it can hold.
 */
import { type CallTrials, callsAfterLastTry } from './call-trial.ts';

export type RowTrial = {
  /** Rows [from, upTo) that were in hand when this was written; null: none. */
  readonly inHand: RowRange | null;
  /** Written by the driver, who alone knows: the process that wrote the rest has died. */
  readonly hasDied: boolean;
  /** How many rows are taken in hand at a time where the process has died. */
  readonly closely: { readonly range: RowRange; readonly step: number } | null;
  readonly deaths: readonly RowDeaths[];
  /** Rows below this went well apart, except for those among the deaths. */
  readonly clearedUpTo: number;
  /** Cleared rows were run in place when this was written. */
  readonly isInPlace: boolean;
  readonly diedInPlace: number;
  /** What the calls with its stored rows did. Absent: none was noted. */
  readonly calls?: CallTrials;
};
export type RowRange = { readonly from: number; readonly upTo: number };
export type RowDeaths = { readonly index: number; readonly times: readonly number[]; readonly message: string };

export const newTrial: RowTrial = {
  inHand: null,
  hasDied: false,
  closely: null,
  deaths: [],
  clearedUpTo: 0,
  isInPlace: false,
  diedInPlace: 0,
};

export const deathsUntilGivenUp = 3;
export const betweenDeathsMs = 60_000;
/** Of one key group's batch. More of them are a fault of the code, not of rows. */
export const mostGivenUp = 5;
/** Taken in hand at a time where nothing has died. */
const widely = 1_000;
const narrowing = 32;

export const diedWithProcess = 'the whole function ended while user code had this row';

/** At the start of a try: rows in hand are those that the process died with, if it did. */
export function afterLastTry(trial: RowTrial, now: number): RowTrial {
  const rows = rowsAfterLastTry(trial, now);
  const { calls, hasDied } = trial;
  const isCalling = Object.values(calls ?? {}).some(({ inHand }) => inHand !== null);
  return globalThis.SLUICE_CALLS !== false && calls !== undefined && isCalling
    ? { ...rows, calls: callsAfterLastTry(calls, hasDied, now) }
    : rows;
}

function rowsAfterLastTry(trial: RowTrial, now: number): RowTrial {
  const { inHand, hasDied, isInPlace } = trial;
  if (inHand === null && !hasDied && !isInPlace) return trial;
  const diedInPlace = trial.diedInPlace + (hasDied && isInPlace ? 1 : 0);
  const free = { ...trial, inHand: null, hasDied: false, isInPlace: false, diedInPlace };
  if (inHand === null || !hasDied) return free;
  const width = inHand.upTo - inHand.from;
  if (width === 1) return withDeath(free, inHand.from, diedWithProcess, now);
  return { ...free, closely: { range: inHand, step: Math.max(1, Math.floor(width / narrowing)) } };
}

/** A death that comes sooner is none: it may have the cause of the one before. */
export function withDeath(trial: RowTrial, index: number, message: string, now: number): RowTrial {
  const before = trial.deaths.find((row) => row.index === index);
  const last = before?.times.at(-1);
  if (last !== undefined && now - last < betweenDeathsMs) return trial;
  const row = { index, message, times: [...(before?.times ?? []), now] };
  return { ...trial, deaths: [...trial.deaths.filter((other) => other !== before), row] };
}

export const isGivenUp = ({ times }: RowDeaths): boolean => times.length >= deathsUntilGivenUp;

/** The rows that are to be left out. */
export const givenUpIn = (trial: RowTrial): ReadonlyMap<number, RowDeaths> =>
  new Map(trial.deaths.filter(isGivenUp).map((row) => [row.index, row]));

/** When the next try may begin: rows that died and are not given up have to wait. Undefined: at once. */
export function nextTryAt(trial: RowTrial, now: number): number | undefined {
  const waiting = trial.deaths.filter((row) => !isGivenUp(row)).map(({ times }) => times.at(-1)! + betweenDeathsMs);
  const last = Math.max(...waiting);
  return last > now ? last : undefined;
}

/** Those that died and may yet be run: each alone. */
export const onTrial = ({ deaths }: RowTrial): readonly number[] =>
  deaths.filter((row) => !isGivenUp(row)).map(({ index }) => index);

/** The rows to take in hand next: none that has died is among others. */
export function rangeFrom(trial: RowTrial, from: number, rows: number): RowRange {
  const dead = trial.deaths.map(({ index }) => index).filter((index) => index >= from);
  if (dead.includes(from)) return { from, upTo: from + 1 };
  return { from, upTo: Math.min(rows, closeEnd(trial.closely, from), ...dead) };
}

function closeEnd(closely: RowTrial['closely'], from: number): number {
  if (closely === null || from >= closely.range.upTo) return from + widely;
  if (from < closely.range.from) return Math.min(closely.range.from, from + widely);
  return Math.min(closely.range.upTo, from + closely.step);
}
