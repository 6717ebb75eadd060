/**
 * What a reduce comes to, whether of a key group's windows or of what all key groups have handed on: the rows that user code is to be
 * given, and the state that follows from its answers.
 */
import { isFromOutbox } from '../pipeline/outputs.ts';
import type { Aggregation, Pipeline } from '../pipeline/pipeline.ts';
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { Delivery } from './deliver-results.ts';
import type { EvaluatedRow, RowInput, RowSetup } from './evaluate-row.ts';
import type { KeyChange } from './key-change.ts';
import type { RefusedResult } from './letter-of-row.ts';
import { type Outbox, type OutboxStep, recordsOf } from './outbox.ts';
import type { RankedRow } from './rank-rows.ts';
import type { OutputLimits } from './record-limit.ts';
import type { ResultEntries } from './result-entries.ts';
import { rowInputOf } from './result-rows.ts';
import type { SavedWindows } from './saved-windows.ts';
import type { Manifest } from './state/manifest.ts';
import { applyDelta, type StateDelta } from './state-delta.ts';

/** `state/<key group>`: never changed once put. */
export type KeyGroupState = RowSetup &
  Outbox & {
    /** Where the windows lie. */
    readonly manifest: Manifest;
    /** Of the pipeline that has saved it, if that was not the one that has sealed the batch. */
    readonly fingerprint?: string;
    /** With `topRows`: what is handed on to the gathering step, windows by time, in each the first rows. Absent: nothing. */
    readonly ranked?: readonly RankedRow[];
  };

export type Aggregating = Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation };

/** What is sent to one output, in the order of the rows. */
export type RecordsOfOutput = { readonly output: string; readonly records: readonly OutputRecord[] };
/** A reduce as a whole, as it is where there are few rows: the state but for what the batch has left as it was. */
export type ReducedKeyGroup = RowSetup &
  Omit<Outbox, 'inline'> &
  Pick<KeyGroupState, 'ranked'> & {
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

export type LateOfKey = Pick<KeyChange, 'canonical' | 'late'>;

type Outcome = RowSetup & Omit<Outbox, 'inline'> & Pick<KeyGroupState, 'ranked'> & { readonly delta: StateDelta };

/** A reduce on both sides of the user's code: the rows it is to be given, and what follows from its answers. */
export type Reduction = {
  readonly setup: RowSetup;
  readonly rows: RowInputs;
  /** Of windows that merge, by key: those whose events are late. */
  readonly late: readonly LateOfKey[];
  /** Of which nothing is taken yet. */
  begin(): Delivery;
  /** When all has been taken. */
  outcomeOf(delivery: Delivery): Outcome;
  /** All at once. */
  finish(results: readonly EvaluatedRow[], limits: OutputLimits): ReducedKeyGroup;
};

/** Each is made when it is asked for. */
export type RowInputs = {
  readonly length: number;
  at(place: number): RowInput;
  map<Mapped>(mapper: (row: RowInput) => Mapped): Mapped[];
};

export function reductionOf(pipeline: Aggregating, given: Omit<Reduction, 'finish'>): Reduction {
  return {
    ...given,
    finish(results, limits) {
      const delivery = given.begin();
      const steps = allSteps(delivery, results, limits);
      const outputs = pipeline.outputs.filter(isFromOutbox).map(({ id }) => id);
      const all = outputs.map((output) => ({ output, records: steps.flatMap((step) => recordsOf(step, output)) }));
      const outbox = outputs.length > 1 ? all : all.filter(({ records }) => records.length > 0);
      return { ...given.outcomeOf(delivery), outbox, refused: steps.flatMap(({ refused }) => refused) };
    },
  };
}

export function rowInputs(
  aggregation: Aggregation,
  entries: ResultEntries,
  merges: readonly RowInput[] = [],
): RowInputs {
  const length = entries.length + merges.length;
  const at = (place: number): RowInput => {
    const entry = entries.at(place);
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
