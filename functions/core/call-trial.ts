/**
 * Which rows of a stored outbox end the reducer that calls a user's function with them. Nothing is noted until a reducer has died
 * in a batch; from then on each call is noted before it is made, and calls of several outputs come one after the other.
 *
 * DEADLY-1 A call dies by its own code only: it was in hand when the process ended, as the driver has told.
 * DEADLY-2 A part comes again as it was, until it has died three times, each at least a minute after the one before. Then its rows are
 *    called one by one, in their order; the one that dies three times alone is given up, and is a dead letter.
 * DEADLY-3 What stands before the rows in hand was taken: a death repeats nothing but those.
 */

import { isSideOutput, letterOutput } from '../pipeline/side-outputs.ts';
import { resultsSource } from '../pipeline/sources.ts';
import { countLetter } from './dead-letter-tally.ts';
import type { RowSetup } from './evaluate-row.ts';
import type { Outbox } from './outbox.ts';
import { noOutputCount } from './output-counts.ts';
import type { Range } from './parts-of-outbox.ts';

/** Of one output. Places are those of its records. */
export type CallTrial = {
  /** In hand when this was written; null: none. */
  readonly inHand: Range | null;
  /** All before it was taken, or given up. */
  readonly taken: number;
  /** What processes have died with, and when. */
  readonly died: (Range & { readonly times: readonly number[] }) | null;
  /** A part whose rows are called one by one. */
  readonly apart: Range | null;
  readonly givenUp: readonly number[];
  /** Which row each of those is, by its place, once it has its letter. Absent: of none is it noted. */
  readonly rows?: Readonly<Record<number, string>>;
  /** So many of those were given up when the pipeline was stopped for too many. */
  readonly excused: number;
};
/** By output. */
export type CallTrials = Readonly<Record<string, CallTrial>>;

export const newCallTrial: CallTrial = { inHand: null, taken: 0, died: null, apart: null, givenUp: [], excused: 0 };

export const deathsOfCall = 3;
const betweenDeathsMs = 60_000;
/** Of one output in a key group's batch. More of them are a fault of the code, not of rows. */
export const mostGivenUpCalls = 5;

/** At the start of a try: what was in hand is what the process died with, if it did. */
export function callsAfterLastTry(calls: CallTrials, hasDied: boolean, now: number): CallTrials {
  return Object.fromEntries(
    Object.entries(calls).map(([output, trial]) => {
      const { inHand } = trial;
      if (inHand === null) return [output, trial];
      const free = { ...trial, inHand: null };
      return [output, hasDied ? withDeathOf(free, inHand, now) : free];
    }),
  );
}

/** A death that comes sooner is none: it may have the cause of the one before. */
function withDeathOf(trial: CallTrial, { from, upTo }: Range, now: number): CallTrial {
  const before = isSame(trial.died, { from, upTo }) ? (trial.died?.times ?? []) : [];
  const last = before.at(-1);
  if (last !== undefined && now - last < betweenDeathsMs) return trial;
  const times = [...before, now];
  if (times.length < deathsOfCall) return { ...trial, died: { from, upTo, times } };
  if (upTo - from > 1) return { ...trial, died: null, apart: { from, upTo } };
  return { ...trial, died: null, givenUp: [...trial.givenUp, from] };
}

const isSame = (one: Range | null, other: Range): boolean => one?.from === other.from && one.upTo === other.upTo;

/** When these may be called. Undefined: at once. */
export function mayCallAt({ died }: CallTrial, range: Range, now: number): number | undefined {
  if (died === null || !isSame(died, range)) return undefined;
  const next = died.times.at(-1)! + betweenDeathsMs;
  return next > now ? next : undefined;
}

/** What is called of a part, in its order: all of it, or, where it has died too often, each row that is left. */
export function callsOf({ apart, taken }: CallTrial, part: Range): readonly Range[] {
  if (apart === null || !isSame(apart, { from: part.from, upTo: part.upTo })) return [part];
  const calls: Range[] = [];
  for (let from = Math.max(part.from, taken); from < part.upTo; from++) calls.push({ from, upTo: from + 1 });
  return calls;
}

/** Of outputs that have given up too many rows, that of one; and what is noted of it, so that the next start begins anew. */
export function tooManyIn(calls: CallTrials): { readonly output: string; readonly anew: CallTrial } | undefined {
  for (const [output, trial] of Object.entries(calls)) {
    const { givenUp, excused } = trial;
    if (givenUp.length - excused <= mostGivenUpCalls) continue;
    return { output, anew: { ...trial, givenUp: givenUp.slice(0, -1), excused: givenUp.length - 1 } };
  }
  return undefined;
}

/** Which letter is this row's: of each output that gives it up there is one. */
export const placeOfCall = ({ keyGroup, batchId, ref }: RowSetup, output: string, place: number) => ({
  source: resultsSource,
  shardId: `group-${keyGroup}`,
  sequenceNumber: `${batchId}-${ref}-${output}`,
  subSequenceNumber: place,
});

/** What became of the rows, in the end: those that were given up are letters. A row that several outputs give up is one of those that are refused. */
export function fatesAfterCalls<Given extends RowSetup & Pick<Outbox, 'fates' | 'outputs'>>(
  state: Given,
  calls: CallTrials = {},
): Given {
  let { refused } = state.fates;
  const lost = new Set<string>();
  const outputs = { ...state.outputs };
  for (const [output, { givenUp, rows = {} }] of Object.entries(calls)) {
    for (const place of givenUp) {
      const row = rows[place];
      if (row !== undefined && lost.has(row)) continue;
      if (row !== undefined) lost.add(row);
      refused = countLetter(refused, { ...placeOfCall(state, output, place), reason: 'crashed-reducer' });
    }
    const { emitted, refused: letters, ...count } = outputs[output] ?? noOutputCount;
    outputs[output] = { ...count, emitted: emitted - givenUp.length, refused: letters + givenUp.length };
    // Of a letter there is no further one there.
    const ofLetters = output === letterOutput ? undefined : outputs[letterOutput];
    if (ofLetters !== undefined) outputs[letterOutput] = { ...ofLetters, emitted: ofLetters.emitted + givenUp.length };
  }
  return { ...state, fates: { ...state.fates, refused }, outputs };
}

/** No row is missing for a late event that was given up, or for a letter. */
export const callsOfRows = (calls: CallTrials = {}): CallTrials =>
  Object.fromEntries(Object.entries(calls).filter(([output]) => !isSideOutput(output)));
