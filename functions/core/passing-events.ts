/**
 * Which events of a batch pass, of one key (`dropDuplicates`).
 *
 * PASS-1 They are taken by event time, those of one time by rank. One passes if no event of the key that is less than `within` from it has
 *    passed: in a batch before, as the state has it, or in this one.
 * PASS-2 What has passed stays passed. An earlier event that comes in a later batch is the duplicate then: which one passes hangs on where
 *    batches are cut, and on nothing else.
 * PASS-3 The state has when what has passed began and is forgotten, and nothing of its event. It is forgotten when the watermark has reached
 *    that. Nothing that is in time is nearer to what is forgotten than `within`: the watermark is not past it (PASSING-1).
 * PASS-4 Executors leave out of one time all but the first, and nothing else: which of two times passes, others of their key may decide.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import { compareRanks, type EventRank, restoreRank, type SavedRank } from '../aggregates/event-rank.ts';
import type { Window } from '../windows/window-kind.ts';
import { accumulated, type Parts } from './accumulated.ts';
import type { KeyChange, ResultWindow } from './key-change.ts';
import { type KeyedOperator, keyByKey, type OperatorRules } from './keyed-operator.ts';
import type { KeyOfSources } from './keys-in-order.ts';
import { onlyVersion } from './result-version.ts';
import type { Bounds, SavedWindow } from './saved-windows.ts';
import { byTime, isOver } from './windows.ts';

const ofState = 0;
const none: readonly never[] = [];

export const passingEvents: KeyedOperator = { changesOf: keyByKey(passingOf), givesValues: true };

/** Undefined: nothing. */
export function passingOf(
  { canonical, keyValues, found }: KeyOfSources,
  { aggregation, watermarks, functions }: OperatorRules,
): KeyChange | undefined {
  const { window: spec } = aggregation;
  const isForgotten = (window: Window) => isOver(spec, window, watermarks.watermarkOut);
  const state = found[0]!.source === ofState ? found[0]!.windows : none;
  const blocks = found.filter(({ source }) => source !== ofState).map(({ windows }) => windows);
  const results = passing(state, inOrder(blocks)).map((window) => resultOf(window, functions));
  const removed = state.flatMap(([start, end]): Bounds[] => (isForgotten({ start, end }) ? [[start, end]] : []));
  if (results.length + removed.length === 0) return undefined;
  const changed = results.filter((window) => !isForgotten(window));
  return { canonical, keyValues, results, changed, removed, retracted: none, late: none };
}

type Candidate = Parts & { readonly parts: (readonly unknown[])[]; readonly rank: EventRank | undefined };

const rankIn = (mark: SavedWindow[3]): EventRank | undefined =>
  typeof mark === 'object' ? restoreRank(mark as SavedRank) : undefined;

/** What all blocks have of one time stands together. */
function inOrder(blocks: readonly (readonly SavedWindow[])[]): readonly Parts[] {
  const byStart = new Map<number, Candidate>();
  for (const [start, end, saved, mark] of blocks.flat()) {
    const known = byStart.get(start);
    const rank = rankIn(mark);
    if (known === undefined) byStart.set(start, { start, end, parts: [saved], rank });
    else if (rank === undefined) known.parts.push(saved);
    // What counts only if it passes is of one event.
    else if (compareRanks(rank, known.rank!) < 0) byStart.set(start, { start, end, parts: [saved], rank });
  }
  return [...byStart.values()].sort(byTime);
}

/** All windows of a key are of one length: two overlap exactly if their events are less than that apart. */
function passing(state: readonly SavedWindow[], candidates: readonly Parts[]): readonly Parts[] {
  const passed: Parts[] = [];
  let next = 0;
  let keptOutUntil = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const { start, end } = candidate;
    for (; next < state.length && state[next]![0] <= start; next++)
      keptOutUntil = Math.max(keptOutUntil, state[next]![1]);
    const isKeptOut = start < keptOutUntil || (next < state.length && state[next]![0] < end);
    if (isKeptOut) continue;
    passed.push(candidate);
    keptOutUntil = end;
  }
  return passed;
}

const resultOf = (window: Parts, functions: readonly AggregateFunction[]): ResultWindow => ({
  ...accumulated(window, functions),
  isBare: true,
  given: undefined,
  version: onlyVersion,
});
