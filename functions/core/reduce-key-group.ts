/**
 * Reduce: what batch N changes of the state of one key group, and the exact records it sends out.
 *
 * REDUCE-1 A pure function of (state N-1, the sealed blocks, the seal): whoever resumes computes the same value, and what
 *    was stored first is what counts.
 * REDUCE-2 Results come in a fixed order (window, canonical key), so `index` names the same result for ever.
 */
import { outputsFrom } from '../pipeline/outputs.ts';
import type { Aggregation, Pipeline } from '../pipeline/pipeline.ts';
import type { ResultVersion } from '../sinks/identity.ts';
import { type CallbackFailure, FailedAggregate, failureOf } from '../user-code/callback-failure.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import { type EvaluatedRow, type RowInput, type RowSetup, rowEvaluator } from './evaluate-row.ts';
import type { KeyChange } from './key-change.ts';
import type { SealedBatch } from './model.ts';
import { Outbox, type OutboxOfOutput } from './outbox.ts';
import { type ForOutputs, nothingMissed, type Refusal, refusalIn } from './output.ts';
import { limitsOf, type OutputLimits } from './record-limit.ts';
import { onlyVersion } from './result-version.ts';
import type { SavedWindows } from './saved-windows.ts';
import { applyDelta, type StateDelta } from './state-delta.ts';
import { needsMerging, saveWindow, unmergedOf } from './unmerged.ts';
import { type WindowsOfGroup, windowChanges } from './window-changes.ts';
import { byTime } from './windows.ts';
import type { OpenWindow } from './windows-of-key.ts';

/** A result that the user's code or the sink's limits refused: kept with its reason, under the identity it would have had. */
export type RefusedResult = {
  readonly index: number;
  readonly version: ResultVersion;
  readonly reason: DeadLetterReason;
  readonly message: string;
  readonly row: string;
  /** Those that refused it; absent: none has it. */
  readonly outputs?: readonly string[];
};

/** `state/<key group>`: never changed once put. */
export type KeyGroupState = {
  readonly batchId: number;
  readonly ref: number;
  readonly generation: number;
  readonly keyGroup: number;
  readonly windows: SavedWindows;
  /** By output: of one all that it takes, of several each, though it takes nothing. Empty where no row goes out. */
  readonly outbox: readonly OutboxOfOutput[];
  /** Rows that left the state: those in the outbox, those that an output or all refused, and those that no output takes. */
  readonly results: number;
  readonly filtered: number;
  readonly refused: readonly RefusedResult[];
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

export function prepareReduce({ aggregation, outputs }: Aggregating, body: SealedBatch, group: Group): Reduction {
  const { closed, changes, late } = parted(windowChanges(aggregation, body, group));
  const rows = closed.map((entry, index) => rowInputOf(aggregation, entry, index));
  const merges = mergesOf(aggregation, changes, rows.length);
  const lateEvents = late.flatMap((change) => change.late).reduce((sum, { events }) => sum + events, 0);
  const { batchId, ref, generation } = body;
  const { keyGroup } = group;
  return {
    setup: { generation, batchId, ref, keyGroup },
    rows: [...rows, ...merges.values()],
    late,
    finish(results, limits) {
      const save = (window: OpenWindow) => saveWindow(aggregation, window, results[merges.get(window)?.index ?? -1]);
      const delta = changes.map(({ canonical, keyValues, changed, removed: removals }) => {
        return { canonical, keyValues, upserts: changed.map(save), removals };
      });
      const rowOutputs = outputsFrom({ outputs }, 'results').map(({ id }) => id);
      const delivery = deliver(aggregation, closed, results.slice(0, closed.length), { outputs: rowOutputs, limits });
      const counted = lateEvents === 0 ? {} : { late: lateEvents };
      return { batchId, ref, generation, keyGroup, delta, ...delivery, ...counted };
    },
  };
}

type ClosedEntry = Pick<KeyChange, 'keyValues'> & { readonly window: OpenWindow };

type OpenChange = Omit<KeyChange, 'closed' | 'late'>;

/** What closes, by window: keys are in their order, and stay in it within a window. And what changes of the state. */
function parted(all: Iterable<KeyChange>): {
  readonly closed: readonly ClosedEntry[];
  readonly changes: readonly OpenChange[];
  readonly late: readonly LateOfKey[];
} {
  const closed: ClosedEntry[] = [];
  const changes: OpenChange[] = [];
  const late: LateOfKey[] = [];
  for (const { canonical, keyValues, closed: windows, changed, removed, late: ofKey } of all) {
    for (const window of windows) closed.push({ keyValues, window });
    if (changed.length + removed.length > 0) changes.push({ canonical, keyValues, changed, removed });
    if (ofKey.length > 0) late.push({ canonical, late: ofKey });
  }
  closed.sort((one, other) => byTime(one.window, other.window));
  return { closed, changes, late };
}

function rowInputOf(aggregation: Aggregation, entry: ClosedEntry, index: number): RowInput {
  const unmerged = unmergedOf(aggregation, entry.window);
  const { keyValues, window } = entry;
  const { start, end } = window;
  const { row, failure } = rowOf(aggregation, entry);
  return {
    ...{ index, row, keyValues, window: { start, end } },
    ...(unmerged === undefined ? {} : { unmerged }),
    ...(failure === undefined ? {} : { failure }),
  };
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

type Delivery = Pick<KeyGroupState, 'outbox' | 'results' | 'filtered' | 'refused'>;

function deliver(
  aggregation: Aggregation,
  closed: readonly ClosedEntry[],
  results: readonly EvaluatedRow[],
  { outputs, limits }: { readonly outputs: readonly string[]; readonly limits: OutputLimits },
): Delivery {
  const outbox = new Outbox(outputs);
  const refused: RefusedResult[] = [];
  let filtered = 0;
  for (const [index, result] of results.entries()) {
    const { records, missed, refusal } = fateOf(result, outputs.length, limits);
    // User code had the row that was made for it, and may have changed it.
    if (refusal !== undefined) refused.push(refusedFrom(aggregation, closed[index]!, { index, ...refusal }));
    if (refusal === undefined && records.length === 0) filtered += 1;
    else outbox.add(records, missed);
  }
  return { outbox: outbox.byOutput(), results: results.length, filtered, refused };
}

type RowFate = ForOutputs & { readonly refusal?: Refusal & Pick<RefusedResult, 'outputs'> };

/** What goes to the outputs, and what its letter says if any of them, or all, refuse it. */
function fateOf(result: EvaluatedRow, outputs: number, limits: OutputLimits): RowFate {
  const nowhere = { records: [], missed: nothingMissed };
  if (result.kind === 'merged') throw new Error('a row was taken for a window that stays open');
  if (result.kind === 'filtered') return nowhere;
  if (result.kind === 'refused') return { ...nowhere, refusal: { reason: result.reason, message: result.message } };
  const fate = limits.within({ records: result.records, missed: result.missed ?? nothingMissed });
  const refusal = refusalIn(fate.missed, outputs);
  if (refusal === undefined) return fate;
  const by = fate.missed.flatMap(({ kind, output }) => (kind === 'refused' ? [output] : []));
  return { ...fate, refusal: by.length < outputs ? { ...refusal, outputs: by } : refusal };
}

function refusedFrom(
  aggregation: Aggregation,
  entry: ClosedEntry,
  why: Pick<RefusedResult, 'index' | 'reason' | 'message' | 'outputs'>,
): RefusedResult {
  const version = onlyVersion(entry.window, entry.keyValues);
  return { ...why, version, row: textOf(aggregation, entry, why.reason) };
}

/** Rows that go out, and that no output refuses. */
export const emittedRows = ({ results, filtered, refused }: KeyGroupState): number =>
  results - filtered - refused.length;

/** Of a row that its code died of, and of user code's own aggregates, what it was made from as well. */
function textOf(aggregation: Aggregation, entry: ClosedEntry, reason: DeadLetterReason): string {
  const { row } = rowOf(aggregation, entry);
  const unmerged = unmergedOf(aggregation, entry.window);
  if (reason !== 'crashed-reducer' && unmerged === undefined) return JSON.stringify(row);
  const accumulators: Record<string, unknown> = {};
  for (const [at, { name, fn }] of aggregation.aggregates.entries()) {
    if (fn.gathered !== undefined) delete row[name];
    accumulators[name] = unmerged?.[name] ?? fn.save(entry.window.accumulators[at]);
  }
  return JSON.stringify({ row, accumulators });
}

type MadeRow = { readonly row: Record<string, unknown>; readonly failure: CallbackFailure | undefined };

/** Keys, window, aggregates: in this order they are written. Those of user code, and one that fails, have their places. */
function rowOf(aggregation: Aggregation, { keyValues, window }: ClosedEntry): MadeRow {
  let failure: CallbackFailure | undefined;
  const row: Record<string, unknown> = {};
  for (const [at, { name }] of aggregation.keys.entries()) row[name] = keyValues[at];
  Object.assign(row, aggregation.window.kind.columns(window));
  for (const [at, { name, fn }] of aggregation.aggregates.entries()) {
    row[name] = null;
    if (fn.gathered !== undefined) continue;
    try {
      row[name] = fn.result(window.accumulators[at]);
    } catch (error) {
      if (!(error instanceof FailedAggregate)) throw error;
      failure ??= failureOf(error, `aggregate ${name}: `);
    }
  }
  return { row, failure };
}
