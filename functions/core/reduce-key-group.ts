/**
 * Reduce: what batch N changes of the state of one key group, and the exact records it sends out.
 *
 * REDUCE-1 A pure function of (state N-1, the sealed blocks, the seal): whoever resumes computes the same value, and what
 *    was stored first is what counts.
 * REDUCE-2 Results come in a fixed order (window, canonical key), so `index` names the same result for ever.
 */
import { isFromOutbox } from '../pipeline/outputs.ts';
import type { Aggregation, Pipeline } from '../pipeline/pipeline.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import { type Carried, carriedOut } from './carried.ts';
import { Delivery } from './deliver-results.ts';
import { SluiceError } from './errors.ts';
import { type EvaluatedRow, type RowInput, type RowSetup, rowEvaluator } from './evaluate-row.ts';
import { type GivenOfEnd, runsAfter } from './given-runs.ts';
import type { SavedPartials } from './group-partials.ts';
import type { ChangedWindow, GivenOfPanes, KeyChange } from './key-change.ts';
import type { RefusedResult } from './letter-of-row.ts';
import type { SealedBatch } from './model.ts';
import { type Outbox, type OutboxStep, recordsOf } from './outbox.ts';
import { limitsOf, type OutputLimits } from './record-limit.ts';
import { type ResultEntry, rowInputOf } from './result-rows.ts';
import type { RetractedEntry } from './rows-taken-back.ts';
import type { Given, GivenRun, SavedWindow, SavedWindows } from './saved-windows.ts';
import { asSealed } from './sealed-versions.ts';
import { applyDelta, type StateDelta } from './state-delta.ts';
import { needsMerging, saveWindow, unmergedOf } from './unmerged.ts';
import { type WindowsOfGroup, windowChanges } from './window-changes.ts';
import { byTime } from './windows.ts';
import type { OpenWindow } from './windows-of-key.ts';

/** `state/<key group>`: never changed once put. */
export type KeyGroupState = RowSetup &
  Outbox & {
    readonly windows: SavedWindows;
    /** Of the pipeline that has saved them, if that was not the one that has sealed the batch. */
    readonly fingerprint?: string;
  };

type Aggregating = Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation };

/** What is sent to one output, in the order of the rows. */
export type RecordsOfOutput = { readonly output: string; readonly records: readonly OutputRecord[] };
/** A reduce as a whole, as it is where there are few rows: the state but for what the batch has left as it was. */
export type ReducedKeyGroup = RowSetup &
  Omit<Outbox, 'inline'> & {
    readonly delta: StateDelta;
    /** By output: of one all that it takes, of several each, though it takes nothing. Empty where no row goes out. */
    readonly outbox: readonly RecordsOfOutput[];
    /** Of rows, and of retractions. */
    readonly refused: readonly RefusedResult[];
  };

/** `before` is what it was reduced from. */
export function stateAfter<Reduced extends { readonly delta: StateDelta }>(before: SavedWindows, reduced: Reduced) {
  const { delta, ...rest } = reduced;
  return { ...rest, windows: applyDelta(before, delta) };
}

/** Before and of each block: keys by canonical text, as they are saved. */
type Group = WindowsOfGroup & {
  readonly keyGroup: number;
  /** What the blocks have brought for the outbox. Absent: nothing. */
  readonly carried?: readonly Carried[];
};

/** What the blocks of a batch have of the group. */
export const blocksOf = (partials: readonly SavedPartials[]): Pick<Group, 'blocks' | 'carried'> => ({
  blocks: partials.map(({ windows }) => windows),
  carried: partials.flatMap(({ carried }) => carried ?? []),
});

export function reduceKeyGroup(
  pipeline: Aggregating,
  body: SealedBatch,
  group: Group & { readonly before: SavedWindows },
  limits: OutputLimits = limitsOf(pipeline.outputs),
) {
  const { rows, setup, finish } = prepareReduce(pipeline, body, group);
  return stateAfter(group.before, finish(rows.map(rowEvaluator(pipeline, setup)), limits));
}

export type LateOfKey = Pick<KeyChange, 'canonical' | 'late'>;

/** A reduce on both sides of the user's code: the rows it is to be given, and what follows from its answers. */
export type Reduction = {
  readonly setup: RowSetup;
  readonly rows: RowInputs;
  /** Of windows that merge, by key: those whose events are late. */
  readonly late: readonly LateOfKey[];
  /** Of which nothing is taken yet. */
  begin(): Delivery;
  /** When all has been taken. */
  outcomeOf(delivery: Delivery): RowSetup & Omit<Outbox, 'inline'> & { readonly delta: StateDelta };
  /** All at once. */
  finish(results: readonly EvaluatedRow[], limits: OutputLimits): ReducedKeyGroup;
};

/** Each is made when it is asked for. */
export type RowInputs = {
  readonly length: number;
  at(place: number): RowInput;
  map<Mapped>(mapper: (row: RowInput) => Mapped): Mapped[];
};

export function prepareReduce(given: Aggregating, body: SealedBatch, group: Group): Reduction {
  const pipeline = asSealed(given, body);
  const { aggregation } = pipeline;
  const { entries, changes, retracted, late } = parted(windowChanges(aggregation, body, group), (rows) =>
    refuseTooMany(rows, aggregation, group),
  );
  const merges = mergesOf(aggregation, changes, entries.length);
  const rows = rowInputs(aggregation, entries, [...merges.values()]);
  const lateEvents = late.flatMap((change) => change.late).reduce((sum, { events }) => sum + events, 0);
  const { batchId, ref, generation } = body;
  const setup = { generation, batchId, ref, keyGroup: group.keyGroup };
  const carried = carriedOut(group.carried ?? [], new Map(late.map((key) => [key.canonical, key.late])));
  const begin = () => new Delivery(pipeline, { setup, entries, merges: merges.size, retracted, carried });
  const outcomeOf = (delivery: Delivery) => {
    const givenOf = givenAfter(entries, delivery.given);
    const save = (window: ChangedWindow): SavedWindow => {
      const { start, end } = window.held ?? window;
      if (isDiscarded(aggregation, window)) return [start, end, [], givenOf(window)];
      const [, , saved] = saveWindow(aggregation, window, delivery.mergedAt(merges.get(window)?.index ?? -1));
      const mark = givenOf(window);
      return mark === undefined ? [start, end, saved] : [start, end, saved, mark];
    };
    const delta = changes.map(({ canonical, keyValues, changed, removed: removals, given: ofPanes }) => {
      const change = { canonical, keyValues, upserts: changed.map(save), removals };
      return ofPanes === undefined ? change : { ...change, given: runsOf(aggregation, ofPanes, givenOf) };
    });
    return { ...setup, delta, ...delivery.counts(lateEvents) };
  };
  return {
    ...{ setup, rows, late, begin, outcomeOf },
    finish(results, limits) {
      const delivery = begin();
      const steps = allSteps(delivery, results, limits);
      const outputs = pipeline.outputs.filter(isFromOutbox).map(({ id }) => id);
      const all = outputs.map((output) => ({ output, records: steps.flatMap((step) => recordsOf(step, output)) }));
      const outbox = outputs.length > 1 ? all : all.filter(({ records }) => records.length > 0);
      return { ...outcomeOf(delivery), outbox, refused: steps.flatMap(({ refused }) => refused) };
    },
  };
}

function rowInputs(aggregation: Aggregation, entries: readonly ResultEntry[], merges: readonly RowInput[]): RowInputs {
  const length = entries.length + merges.length;
  const at = (place: number): RowInput => {
    const entry = entries[place];
    return entry === undefined ? merges[place - entries.length]! : rowInputOf(aggregation, entry, place);
  };
  return { length, at, map: (mapper) => Array.from({ length }, (_, place) => mapper(at(place))) };
}

function allSteps(delivery: Delivery, results: readonly EvaluatedRow[], limits: OutputLimits): readonly OutboxStep[] {
  const steps: OutboxStep[] = [];
  const take = (step: OutboxStep | undefined): void => {
    if (step === undefined) return;
    steps.push(step);
    delivery.take(step);
  };
  if (results.length > 0) take(delivery.stepOf(results, limits));
  take(delivery.retractions(Number.POSITIVE_INFINITY, limits));
  for (let step = delivery.carried(Infinity); step !== undefined; step = delivery.carried(Infinity)) take(step);
  return steps;
}

/** Each key group sees only its own. */
function refuseTooMany(rows: number, { maxRows }: Aggregation, { keyGroup }: Group): void {
  if (maxRows === undefined || rows <= maxRows) return;
  const message =
    `key group ${keyGroup} has more than the ${maxRows} results that outputMode('complete', { maxRows: ${maxRows} }) allows ` +
    `in a batch; deploy with a higher maxRows, or with outputMode('update'): either goes on with this very batch`;
  throw new SluiceError('TooManyRows', message);
}

/** It gives out all that has come. */
const isDiscarded = ({ discards }: Aggregation, window: ChangedWindow): boolean =>
  discards === true && 'version' in window;

/** What has been given out of a window, as its state is to say. `given`: of each entry; undefined: nothing that gives out a result stays. */
function givenAfter(
  entries: readonly ResultEntry[],
  given: readonly Given[] | undefined,
): (window: ChangedWindow) => Given | undefined {
  if (given === undefined) return ({ given: before }) => before;
  const byWindow = new Map<ChangedWindow, Given>(entries.map(({ window }, at) => [window, given[at]!]));
  return (window) => byWindow.get(window) ?? window.given;
}

/** In append mode a window of which no version was given out is as one of which nothing is known. */
function runsOf(
  { mode, discards }: Aggregation,
  ofPanes: GivenOfPanes,
  givenOf: (window: ChangedWindow) => Given | undefined,
): readonly GivenRun[] {
  const changes = ofPanes.results.map((window): GivenOfEnd => {
    const given = givenOf(window);
    return [window.end, mode === undefined && discards !== true && given?.[0] === 0 ? undefined : given];
  });
  return runsAfter(ofPanes.before, changes, ofPanes);
}

type OpenChange = Pick<KeyChange, 'canonical' | 'keyValues' | 'changed' | 'removed' | 'given'>;

/** What gives out a result, by window: keys are in their order, and stay in it within a window. And what changes of the state. */
function parted(
  all: Iterable<KeyChange>,
  refuse: (rows: number) => void,
): {
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
    refuse(entries.length);
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
      if (!needsMerging(unmerged) || isDiscarded(aggregation, window)) continue;
      const { start, end } = window;
      const input = { index: rows + merges.size, row: {}, keyValues, window: { start, end }, unmerged };
      merges.set(window, { ...input, isOpen: true });
    }
  }
  return merges;
}
