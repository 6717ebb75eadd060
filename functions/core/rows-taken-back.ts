/**
 * Rows that were given out and hold no longer.
 *
 * RETRACT-1 A row that an output was given and that the newest version of its result no longer has for it, since a filter or a refusal
 *    left it out or its window has become part of another, is taken back there once: by a record with its version and without a value.
 * RETRACT-2 They come behind the rows, by window and key: the `index` of a row is the same with them and without.
 */
import { outputsFrom } from '../pipeline/outputs.ts';
import type { Aggregation, KeyValue, Output, Pipeline } from '../pipeline/pipeline.ts';
import type { ResultIdentity } from '../sinks/identity.ts';
import type { EvaluatedRow, RowSetup } from './evaluate-row.ts';
import { rowsGivenTo } from './given-rows.ts';
import type { RetractedWindow } from './key-change.ts';
import type { RefusedResult } from './letter-of-row.ts';
import { type Addressed, defaultPartitionKey, encodeFor, type ForOutputs, type Missed } from './output.ts';
import { namesOf } from './result-rows.ts';
import { versionOf } from './result-version.ts';
import type { Given } from './saved-windows.ts';
import { byTime } from './windows.ts';

export type RetractedEntry = { readonly keyValues: readonly KeyValue[]; readonly window: RetractedWindow };
/** `from`: who has it. */
export type TakenBack = RetractedEntry & { readonly from: readonly LostRows[] };

/** Of an output, the rows that it had and has no more. */
type LostRows = { readonly output: string; readonly first: number; readonly upTo: number };

export const nothingKept: ReadonlyMap<string, number> = new Map();

/** Whose sinks can say that a row is no more. Only of a mode that the pipeline had before is one asked that can't. */
export function outputsThatLose(
  pipeline: Pick<Pipeline, 'outputs'> & { readonly aggregation: Aggregation },
): readonly string[] {
  const { ignoresRetractions } = pipeline.aggregation;
  const outputs = outputsFrom(pipeline, 'results').filter(
    ({ sink }) => ignoresRetractions === true || sink.kind.takesRetractions(sink.options),
  );
  return outputs.map(({ id }) => id);
}

export function lostRows(
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

export function rowsByOutput(records: readonly Addressed[], ids: readonly string[]): ReadonlyMap<string, number> {
  const rows = new Map(ids.map((id) => [id, 0]));
  for (const { output } of records) if (rows.has(output)) rows.set(output, rows.get(output)! + 1);
  return rows;
}

/** Rows of an output, or a letter in their place. */
export function takenBackBy({ from }: TakenBack, row: EvaluatedRow): number {
  const isRefused = row.kind === 'output' && row.missed?.some(({ kind }) => kind === 'refused') === true;
  return isRefused ? 1 : Math.max(...from.map(({ first, upTo }) => upTo - first));
}

export const byWindow = (one: RetractedEntry, other: RetractedEntry): number => byTime(one.window, other.window);

/** Of each output a record for each row. No callback of an output sees it: it is no row. */
export function retractionOf(
  pipeline: Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation },
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
      const encoded = encodeFor([output], { value }, { identityFor, defaultKey, keyValues, isRetraction: true });
      records.push(...encoded.records);
      missed.push(...encoded.missed);
    }
  }
  return { records, missed };
}

const withoutCallbacks = ({ id, from, sent, sink }: Output): Output => ({ id, from, sent, sink });

export function refusedRetraction(
  aggregation: Aggregation,
  { keyValues, window }: RetractedEntry,
  why: Pick<RefusedResult, 'index' | 'reason' | 'message' | 'outputs'>,
): RefusedResult {
  const version = versionOf(window, keyValues, window.version, { retracted: true });
  return { ...why, version, row: JSON.stringify(namesOf(aggregation, keyValues, window)) };
}
