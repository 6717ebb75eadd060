/**
 * Reduce: the state of one key group after batch N, and the exact records it sends out.
 *
 * R1 A pure function of (state N-1, the sealed blocks, the seal): whoever resumes computes the same value, and what was
 *    stored first is what counts.
 * R2 Results come in a fixed order (window, canonical key), so `index` names the same result for ever.
 */
import type { Aggregation, KeyValue, Pipeline } from '../pipeline/pipeline.ts';
import { resultOf } from './accumulators.ts';
import { failureOf, refusePromise } from './callback-failure.ts';
import type { DeadLetterReason } from './evaluate-event.ts';
import type { BatchBody } from './model.ts';
import { formatVersion } from './model.ts';
import { defaultPartitionKey, type OutputRecord, outputBytes, toOutputRecord } from './output.ts';
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

export function reduceKeyGroup(
  pipeline: Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation },
  body: BatchBody,
  group: { readonly keyGroup: number; readonly before: SavedWindows; readonly blocks: readonly SavedWindows[] },
  limit: RecordLimit = recordLimitOf(pipeline.outputs[0]!.sink),
): KeyGroupState {
  const { aggregation } = pipeline;
  const table = new WindowTable(aggregation);
  table.merge(group.before);
  for (const block of group.blocks) table.merge(block);

  const open: (readonly [number, readonly (readonly [readonly KeyValue[], ReturnType<typeof saveAll>])[]])[] = [];
  const outbox: OutputRecord[] = [];
  const refused: RefusedResult[] = [];
  let index = 0;
  let filtered = 0;
  for (const [start, entries] of table.windows()) {
    if (!isClosed(aggregation.window, start, body.watermarkOut)) {
      open.push([start, entries.map(({ keyValues, accumulators }) => [keyValues, saveAll(aggregation, accumulators)])]);
      continue;
    }
    for (const entry of entries) {
      const result = emitRow(pipeline, body, { keyGroup: group.keyGroup, start, entry, index, limit });
      if (result.kind === 'output') outbox.push(result.record);
      if (result.kind === 'filtered') filtered += 1;
      if (result.kind === 'refused') refused.push(result.refused);
      index += 1;
    }
  }
  const { batchId, ref, generation } = body;
  return {
    v: formatVersion,
    batchId,
    ref,
    generation,
    keyGroup: group.keyGroup,
    windows: open,
    outbox,
    results: index,
    filtered,
    refused,
  };
}

type RowResult =
  | { readonly kind: 'output'; readonly record: OutputRecord }
  | { readonly kind: 'refused'; readonly refused: RefusedResult }
  | { readonly kind: 'filtered' };

function emitRow(
  pipeline: Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation },
  body: BatchBody,
  at: {
    readonly keyGroup: number;
    readonly start: number;
    readonly entry: WindowEntry;
    readonly index: number;
    readonly limit: RecordLimit;
  },
): RowResult {
  const { aggregation, outputs } = pipeline;
  const output = outputs[0]!;
  const row = rowOf(aggregation, at.start, at.entry);
  // Now: the user's code may put anything into it.
  const text = JSON.stringify(row);
  const refuse = (reason: DeadLetterReason, message: string): RowResult => ({
    kind: 'refused',
    refused: { index: at.index, reason, message, row: text },
  });
  let record: OutputRecord;
  let bytes: number;
  try {
    let value: unknown = row;
    for (const operation of aggregation.rowOperations) {
      const answer: unknown =
        operation.kind === 'map' ? operation.mapper(value as never) : operation.predicate(value as never);
      if (typeof answer !== 'boolean') refusePromise(answer, `${operation.kind} of rows`);
      if (operation.kind === 'map') value = answer;
      else if (!answer) return { kind: 'filtered' };
    }
    record = toOutputRecord(output, value, {
      identity: {
        v: 1,
        pipeline: pipeline.name,
        output: output.id,
        generation: body.generation,
        batch: body.batchId,
        ref: body.ref,
        group: at.keyGroup,
        index: at.index,
        revision: 0,
      },
      defaultKey: defaultPartitionKey(at.entry.keyValues),
    });
    bytes = outputBytes(record);
  } catch (error) {
    const { reason, message } = failureOf(error);
    return refuse(reason, message);
  }
  const objection = at.limit.objection(bytes);
  return objection === undefined ? { kind: 'output', record } : refuse('output-too-large', objection);
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
