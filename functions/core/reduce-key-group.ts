/**
 * Reduce: the state of one key group after batch N, and the exact records it sends out.
 *
 * R1 A pure function of (state N-1, the sealed blocks, the seal): whoever resumes computes the same value, and what was
 *    stored first is what counts.
 * R2 Results come in a fixed order (window, canonical key), so `index` names the same result for ever.
 */
import type { Aggregation, KeyValue, Pipeline } from '../pipeline/pipeline.ts';
import { resultOf } from './accumulators.ts';
import type { DeadLetterReason } from './evaluate-event.ts';
import { type EvaluatedRow, type RowInput, type RowSetup, rowEvaluator } from './evaluate-row.ts';
import type { BatchBody } from './model.ts';
import { formatVersion } from './model.ts';
import { type OutputRecord, outputBytes } from './output.ts';
import { type RecordLimit, recordLimitOf } from './record-limit.ts';
import { type SavedWindows, saveAll, type WindowEntry, WindowTable } from './window-table.ts';
import { isClosed, windowEndOf } from './windows.ts';

/** A result that the user's code or the sink's limits refused: kept with its reason, under the identity it would have. */
export type RefusedResult = {
  readonly index: number;
  readonly reason: DeadLetterReason;
  readonly message: string;
  readonly row: string;
};

/** `state/<key group>`: never changed once put. */
export type KeyGroupState = {
  readonly v: number;
  readonly batchId: number;
  readonly ref: number;
  readonly generation: number;
  readonly keyGroup: number;
  readonly windows: SavedWindows;
  readonly outbox: readonly OutputRecord[];
  /** Rows that left the state: those in the outbox, those refused, and those that a filter of rows left out. */
  readonly results: number;
  readonly filtered: number;
  readonly refused: readonly RefusedResult[];
};

type Aggregating = Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation };
type Group = { readonly keyGroup: number; readonly before: SavedWindows; readonly blocks: readonly SavedWindows[] };

export function reduceKeyGroup(
  pipeline: Aggregating,
  body: BatchBody,
  group: Group,
  limit: RecordLimit = recordLimitOf(pipeline.outputs[0]!.sink),
): KeyGroupState {
  const reduction = prepareReduce(pipeline, body, group);
  return reduction.finish(reduction.rows.map(rowEvaluator(pipeline, reduction.setup)), limit);
}

/** A reduce on both sides of the user's code: the rows it is to be given, and the state that follows from its answers. */
export type Reduction = {
  readonly setup: RowSetup;
  readonly rows: readonly RowInput[];
  finish(results: readonly EvaluatedRow[], limit: RecordLimit): KeyGroupState;
};

export function prepareReduce({ aggregation }: Aggregating, body: BatchBody, group: Group): Reduction {
  const table = new WindowTable(aggregation);
  table.merge(group.before);
  for (const block of group.blocks) table.merge(block);

  const windows: (readonly [number, readonly (readonly [readonly KeyValue[], ReturnType<typeof saveAll>])[]])[] = [];
  const closed: ClosedEntry[] = [];
  for (const [start, entries] of table.windows()) {
    if (isClosed(aggregation.window, start, body.watermarkOut))
      for (const entry of entries) closed.push({ start, entry });
    else
      windows.push([
        start,
        entries.map(({ keyValues, accumulators }) => [keyValues, saveAll(aggregation, accumulators)]),
      ]);
  }
  const { batchId, ref, generation } = body;
  const { keyGroup } = group;
  return {
    setup: { generation, batchId, ref, keyGroup },
    rows: closed.map(({ start, entry }, index) => ({
      index,
      row: rowOf(aggregation, start, entry),
      keyValues: entry.keyValues,
    })),
    finish(results, limit) {
      const delivery = deliver(aggregation, closed, results, limit);
      return { v: formatVersion, batchId, ref, generation, keyGroup, windows, ...delivery };
    },
  };
}

type ClosedEntry = { readonly start: number; readonly entry: WindowEntry };

function deliver(
  aggregation: Aggregation,
  closed: readonly ClosedEntry[],
  results: readonly EvaluatedRow[],
  limit: RecordLimit,
): Pick<KeyGroupState, 'outbox' | 'results' | 'filtered' | 'refused'> {
  const outbox: OutputRecord[] = [];
  const refused: RefusedResult[] = [];
  let filtered = 0;
  for (const [index, result] of results.entries()) {
    if (result.kind === 'filtered') {
      filtered += 1;
      continue;
    }
    // User code had the row that was made for it, and may have changed it.
    const refuse = (reason: DeadLetterReason, message: string) =>
      refused.push({ index, reason, message, row: textOf(aggregation, closed[index]!, reason) });
    if (result.kind === 'refused') {
      refuse(result.reason, result.message);
      continue;
    }
    const objection = limit.objection(outputBytes(result.record));
    if (objection === undefined) outbox.push(result.record);
    else refuse('output-too-large', objection);
  }
  return { outbox, results: results.length, filtered, refused };
}

/** Of a row that its code died of, what it was made from as well. */
function textOf(aggregation: Aggregation, { start, entry }: ClosedEntry, reason: DeadLetterReason): string {
  const row = rowOf(aggregation, start, entry);
  if (reason !== 'crashed-reducer') return JSON.stringify(row);
  const saved = saveAll(aggregation, entry.accumulators);
  const accumulators = Object.fromEntries(aggregation.aggregates.map(({ name }, at) => [name, saved[at]]));
  return JSON.stringify({ row, accumulators });
}

function rowOf(aggregation: Aggregation, start: number, entry: WindowEntry): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  aggregation.keys.forEach(({ name }, at) => {
    row[name] = entry.keyValues[at];
  });
  if (aggregation.window.kind === 'tumbling') {
    row.windowStart = new Date(start).toISOString();
    row.windowEnd = new Date(windowEndOf(aggregation.window, start)).toISOString();
  } else {
    row.batchId = start;
  }
  aggregation.aggregates.forEach(({ name, kind }, at) => {
    row[name] = resultOf(kind, entry.accumulators[at]!);
  });
  return row;
}
