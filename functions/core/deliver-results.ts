/**
 * What becomes of the rows of a batch, and of those that are taken back: what is sent, and what is kept as a dead letter.
 *
 * RETRACT-1 A row that an output was given and that the newest version of its result no longer has for it, since a filter or a refusal
 *    left it out or its window has become part of another, is taken back there once: by a record with its version and without a value.
 * RETRACT-2 They come behind the rows, by window and key: the `index` of a row is the same with them and without.
 */
import { outputsFrom } from '../pipeline/outputs.ts';
import type { Aggregation, KeyValue, Output, Pipeline } from '../pipeline/pipeline.ts';
import type { ResultIdentity, ResultVersion } from '../sinks/identity.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import type { EvaluatedRow, RowSetup } from './evaluate-row.ts';
import type { SeveralRows } from './evaluate-several.ts';
import { givenOf, rowsGivenTo } from './given-rows.ts';
import type { RetractedWindow } from './key-change.ts';
import { Outbox, type OutboxOfOutput } from './outbox.ts';
import {
  type Addressed,
  defaultPartitionKey,
  encodeFor,
  type ForOutputs,
  type Missed,
  nothingMissed,
  type Refusal,
  refusalIn,
} from './output.ts';
import { madeOf } from './output-counts.ts';
import type { OutputLimits } from './record-limit.ts';
import { namesOf, type ResultEntry, textOf } from './result-rows.ts';
import { versionOf } from './result-version.ts';
import type { Given } from './saved-windows.ts';
import { byTime } from './windows.ts';

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

export type Delivery = {
  /** By output: of one all that it takes, of several each, though it takes nothing. Empty where no row goes out. */
  readonly outbox: readonly OutboxOfOutput[];
  /** Rows that were made: those in the outbox, those that an output or all refused, and those that no output takes. */
  readonly results: number;
  readonly filtered: number;
  /** Of rows, and of retractions. */
  readonly refused: readonly RefusedResult[];
  /** Rows that were taken back, if any. */
  readonly retracted?: number;
  /** By how many more `flatMap` has made of results than one each, if any. */
  readonly made?: number;
};

/** Rows that go out and those that are taken back, and that no output refuses. */
export const emittedRows = ({ results, made = 0, retracted = 0, filtered, refused }: Delivery): number =>
  results + made + retracted - filtered - refused.length;

export type RetractedEntry = { readonly keyValues: readonly KeyValue[]; readonly window: RetractedWindow };

export type ToDeliver = {
  readonly setup: RowSetup;
  readonly entries: readonly ResultEntry[];
  /** Of each entry. */
  readonly results: readonly EvaluatedRow[];
  readonly retracted: readonly RetractedEntry[];
};

type Delivering = Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation };

/** `given`: of each entry, what has been given out of it then. */
export function deliver(
  pipeline: Delivering,
  { setup, entries, results, retracted }: ToDeliver,
  limits: OutputLimits,
): { readonly delivery: Delivery; readonly given: readonly Given[] } {
  const { aggregation } = pipeline;
  const outputs = outputsFrom(pipeline, 'results');
  const ids = outputs.map(({ id }) => id);
  const outbox = new Outbox(ids);
  const refused: RefusedResult[] = [];
  const back = retracted.map((entry) => ({ ...entry, from: lostRows(entry.window.given, ids, nothingKept) }));
  let filtered = 0;
  let made = 0;
  const given = results.map((result, index): Given => {
    const entry = entries[index]!;
    const { window, keyValues } = entry;
    const { version } = window;
    const { records, missed, refusal, several } = fateOf(result, outputs.length, limits);
    // User code had the row that was made for it, and may have changed it.
    if (refusal !== undefined) {
      const row = textOf(aggregation, entry, refusal.reason);
      refused.push({ index, ...refusal, version: versionOf(window, keyValues, version), row });
    }
    const nowhere = refusal === undefined ? nowhereOf(records, several) : 0;
    filtered += nowhere;
    if (refusal === undefined) made += several?.made ?? 0;
    if (several !== undefined) outbox.addSeveral(records, missed, nowhere);
    else if (nowhere === 0) outbox.add(records, missed);
    const kept = rowsByOutput(records, ids);
    const from = lostRows(window.given, ids, kept);
    if (from.length > 0) back.push({ keyValues, window, from });
    const isVersion = records.length + from.length > 0;
    return givenOf(isVersion ? version.revision + 1 : version.revision, kept);
  });
  const taken =
    aggregation.ignoresRetractions === true ? [] : back.sort(byWindow).filter(({ from }) => from.length > 0);
  let takenBack = 0;
  for (const [at, entry] of taken.entries()) {
    const index = results.length + at;
    const { records, missed } = limits.within(retractionOf(pipeline, setup, { ...entry, index }));
    outbox.add(records, missed);
    const refusal = refusalIn(missed, outputs.length);
    if (refusal !== undefined) refused.push(refusedRetraction(aggregation, entry, { index, ...refusal }));
    takenBack += refusal === undefined ? Math.max(...entry.from.map(({ first, upTo }) => upTo - first)) : 1;
  }
  const counts = { results: results.length, filtered, refused, ...madeOf(made) };
  const delivery = { outbox: outbox.byOutput(), ...counts, ...(takenBack === 0 ? {} : { retracted: takenBack }) };
  return { delivery, given };
}

/** Rows of a result that no output takes. */
function nowhereOf(records: ForOutputs['records'], several: SeveralRows | undefined): number {
  if (several !== undefined) return 1 + several.made - several.emitted;
  return records.length === 0 ? 1 : 0;
}

/** Of an output, the rows that it had and has no more. */
type LostRows = { readonly output: string; readonly first: number; readonly upTo: number };

const nothingKept: ReadonlyMap<string, number> = new Map();

function lostRows(
  given: Given | undefined,
  ids: readonly string[],
  kept: ReadonlyMap<string, number>,
): readonly LostRows[] {
  if (given === undefined) return [];
  return ids.flatMap((output) => {
    const [first, upTo] = [kept.get(output) ?? 0, rowsGivenTo(output, given)];
    return first < upTo ? [{ output, first, upTo }] : [];
  });
}

function rowsByOutput(records: ForOutputs['records'], ids: readonly string[]): ReadonlyMap<string, number> {
  const rows = new Map(ids.map((id) => [id, 0]));
  for (const { output } of records) if (rows.has(output)) rows.set(output, rows.get(output)! + 1);
  return rows;
}

const byWindow = (one: RetractedEntry, other: RetractedEntry): number => byTime(one.window, other.window);

type RowFate = ForOutputs & {
  readonly refusal?: Refusal & Pick<RefusedResult, 'outputs'>;
  readonly several?: SeveralRows | undefined;
};

/** What goes to the outputs, and what its letter says if any of them, or all, refuse it. */
function fateOf(result: EvaluatedRow, outputs: number, limits: OutputLimits): RowFate {
  const nowhere = { records: [], missed: nothingMissed };
  if (result.kind === 'merged') throw new Error('a row was taken for a window that stays open');
  if (result.kind === 'filtered') return nowhere;
  if (result.kind === 'refused') return { ...nowhere, refusal: { reason: result.reason, message: result.message } };
  const within = limits.within({ records: result.records, missed: result.missed ?? nothingMissed });
  const fate = result.several === undefined ? within : { ...within, several: result.several };
  const refusal = refusalIn(fate.missed, outputs);
  if (refusal === undefined) return fate;
  const by = fate.missed.flatMap(({ kind, output }) => (kind === 'refused' ? [output] : []));
  return { ...fate, refusal: by.length < outputs ? { ...refusal, outputs: by } : refusal };
}

/** Of each output a record for each row. No callback of an output sees it: it is no row. */
function retractionOf(
  pipeline: Delivering,
  { generation, batchId, ref, keyGroup }: RowSetup,
  { keyValues, window, from, index }: RetractedEntry & { readonly from: readonly LostRows[]; readonly index: number },
): ForOutputs {
  const value = namesOf(pipeline.aggregation, keyValues, window);
  const defaultKey = defaultPartitionKey(keyValues);
  const records: Addressed[] = [];
  const missed: Missed[] = [];
  for (const { output: id, first, upTo } of from) {
    const output = withoutCallbacks(pipeline.outputs.find((one) => one.id === id)!);
    for (let row = first; row < upTo; row++) {
      const identityFor = (): ResultIdentity => ({
        ...{ v: 1, pipeline: pipeline.name, output: id, generation, batch: batchId, ref, group: keyGroup, index },
        ...versionOf(window, keyValues, window.version, { row, retracted: true }),
      });
      const encoded = encodeFor([output], { value }, { identityFor, defaultKey, isRetraction: true });
      records.push(...encoded.records);
      missed.push(...encoded.missed);
    }
  }
  return { records, missed };
}

const withoutCallbacks = ({ id, from, sink }: Output): Output => ({ id, from, sink });

function refusedRetraction(
  aggregation: Aggregation,
  { keyValues, window }: RetractedEntry,
  why: Pick<RefusedResult, 'index' | 'reason' | 'message'>,
): RefusedResult {
  const version = versionOf(window, keyValues, window.version, { retracted: true });
  return { ...why, version, row: JSON.stringify(namesOf(aggregation, keyValues, window)) };
}
