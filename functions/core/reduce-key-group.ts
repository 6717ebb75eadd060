/**
 * Reduce: what batch N changes of the state of one key group, and the exact records it sends out.
 *
 * REDUCE-1 A pure function of (state N-1, the sealed blocks, the seal): whoever resumes computes the same value, and what
 *    was stored first is what counts.
 * REDUCE-2 Results come in a fixed order (window, canonical key), so `index` names the same result for ever.
 */
import type { Aggregation, Pipeline } from '../pipeline/pipeline.ts';
import { type Delivery, deliver, type RetractedEntry } from './deliver-results.ts';
import { type EvaluatedRow, type RowInput, type RowSetup, rowEvaluator } from './evaluate-row.ts';
import { type GivenOfEnd, runsAfter } from './given-runs.ts';
import type { ChangedWindow, GivenOfPanes, KeyChange } from './key-change.ts';
import type { SealedBatch } from './model.ts';
import { limitsOf, type OutputLimits } from './record-limit.ts';
import { type ResultEntry, rowInputOf } from './result-rows.ts';
import type { Given, GivenRun, SavedWindow, SavedWindows } from './saved-windows.ts';
import { applyDelta, type StateDelta } from './state-delta.ts';
import { needsMerging, saveWindow, unmergedOf } from './unmerged.ts';
import { type WindowsOfGroup, windowChanges } from './window-changes.ts';
import { byTime } from './windows.ts';
import type { OpenWindow } from './windows-of-key.ts';

/** `state/<key group>`: never changed once put. */
export type KeyGroupState = Delivery & {
  readonly batchId: number;
  readonly ref: number;
  readonly generation: number;
  readonly keyGroup: number;
  readonly windows: SavedWindows;
  /** Events that executors have counted, and that are late when all windows have merged. Absent if there are none. */
  readonly late?: number;
};

type Aggregating = Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation };
/** The state but for what the batch has left as it was. */
export type ReducedKeyGroup = Omit<KeyGroupState, 'windows'> & { readonly delta: StateDelta };

/** `before` is what it was reduced from. */
export function stateAfter(before: SavedWindows, { delta, ...reduced }: ReducedKeyGroup): KeyGroupState {
  return { ...reduced, windows: applyDelta(before, delta) };
}

/** Before and of each block: keys by canonical text, as they are saved. */
type Group = WindowsOfGroup & { readonly keyGroup: number };

export function reduceKeyGroup(
  pipeline: Aggregating,
  body: SealedBatch,
  group: Group & { readonly before: SavedWindows },
  limits: OutputLimits = limitsOf(pipeline.outputs),
): KeyGroupState {
  const { rows, setup, finish } = prepareReduce(pipeline, body, group);
  return stateAfter(group.before, finish(rows.map(rowEvaluator(pipeline, setup)), limits));
}

export type LateOfKey = Pick<KeyChange, 'canonical' | 'late'>;

/** A reduce on both sides of the user's code: the rows it is to be given, and what follows from its answers. */
export type Reduction = {
  readonly setup: RowSetup;
  readonly rows: readonly RowInput[];
  /** Of windows that merge, by key: those whose events are late. */
  readonly late: readonly LateOfKey[];
  finish(results: readonly EvaluatedRow[], limits: OutputLimits): ReducedKeyGroup;
};

export function prepareReduce(pipeline: Aggregating, body: SealedBatch, group: Group): Reduction {
  const { aggregation } = pipeline;
  const { entries, changes, retracted, late } = parted(windowChanges(aggregation, body, group));
  const rows = entries.map((entry, index) => rowInputOf(aggregation, entry, index));
  const merges = mergesOf(aggregation, changes, rows.length);
  const lateEvents = late.flatMap((change) => change.late).reduce((sum, { events }) => sum + events, 0);
  const { batchId, ref, generation } = body;
  const setup = { generation, batchId, ref, keyGroup: group.keyGroup };
  return {
    setup,
    rows: [...rows, ...merges.values()],
    late,
    finish(all, limits) {
      const results = all.slice(0, entries.length);
      const { delivery, given } = deliver(pipeline, { setup, entries, results, retracted }, limits);
      const givenOf = givenAfter(aggregation, entries, given);
      const save = (window: ChangedWindow): SavedWindow => {
        const [start, end, saved] = saveWindow(aggregation, window, all[merges.get(window)?.index ?? -1]);
        const mark = givenOf(window);
        return mark === undefined ? [start, end, saved] : [start, end, saved, mark];
      };
      const delta = changes.map(({ canonical, keyValues, changed, removed: removals, given: ofPanes }) => {
        const change = { canonical, keyValues, upserts: changed.map(save), removals };
        return ofPanes === undefined ? change : { ...change, given: runsOf(aggregation, ofPanes, givenOf) };
      });
      const counted = lateEvents === 0 ? {} : { late: lateEvents };
      return { ...setup, delta, ...delivery, ...counted };
    },
  };
}

/** What has been given out of a window, as its state is to say. */
function givenAfter(
  aggregation: Aggregation,
  entries: readonly ResultEntry[],
  given: readonly Given[],
): (window: ChangedWindow) => Given | undefined {
  // Nothing that gives out a result stays.
  if (aggregation.window.latenessMs === undefined && aggregation.mode === undefined)
    return ({ given: before }) => before;
  const byWindow = new Map<ChangedWindow, Given>(entries.map(({ window }, at) => [window, given[at]!]));
  return (window) => byWindow.get(window) ?? window.given;
}

/** In append mode a window of which no version was given out is as one of which nothing is known. */
function runsOf(
  { mode }: Aggregation,
  ofPanes: GivenOfPanes,
  givenOf: (window: ChangedWindow) => Given | undefined,
): readonly GivenRun[] {
  const changes = ofPanes.results.map((window): GivenOfEnd => {
    const given = givenOf(window);
    return [window.end, mode === undefined && given?.[0] === 0 ? undefined : given];
  });
  return runsAfter(ofPanes.before, changes, ofPanes);
}

type OpenChange = Pick<KeyChange, 'canonical' | 'keyValues' | 'changed' | 'removed' | 'given'>;

/** What gives out a result, by window: keys are in their order, and stay in it within a window. And what changes of the state. */
function parted(all: Iterable<KeyChange>): {
  readonly entries: readonly ResultEntry[];
  readonly changes: readonly OpenChange[];
  readonly retracted: readonly RetractedEntry[];
  readonly late: readonly LateOfKey[];
} {
  const entries: ResultEntry[] = [];
  const changes: OpenChange[] = [];
  const retracted: RetractedEntry[] = [];
  const late: LateOfKey[] = [];
  for (const change of all) {
    const { canonical, keyValues, results, changed, removed, retracted: back, late: ofKey } = change;
    for (const window of results) entries.push({ keyValues, window });
    if (changed.length + removed.length > 0 || change.given !== undefined) changes.push(change);
    for (const window of back) retracted.push({ keyValues, window });
    if (ofKey.length > 0) late.push({ canonical, late: ofKey });
  }
  entries.sort((one, other) => byTime(one.window, other.window));
  return { entries, changes, retracted, late };
}

/** Of windows that stay open, those that user code has something to merge in. */
function mergesOf(
  aggregation: Aggregation,
  changes: readonly OpenChange[],
  rows: number,
): ReadonlyMap<OpenWindow, RowInput> {
  const merges = new Map<OpenWindow, RowInput>();
  for (const { keyValues, changed } of changes) {
    for (const window of changed) {
      const unmerged = unmergedOf(aggregation, window);
      if (!needsMerging(unmerged)) continue;
      const { start, end } = window;
      const input = { index: rows + merges.size, row: {}, keyValues, window: { start, end }, unmerged };
      merges.set(window, { ...input, isOpen: true });
    }
  }
  return merges;
}
