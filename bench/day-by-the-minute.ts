/** 100,000 events of 50 keys over two days, minute by minute through table and reduce. */

import { createEvaluator } from '../functions/core/evaluate-event.ts';
import { rowEvaluator } from '../functions/core/evaluate-row.ts';
import { endOfTime, type SealedBatch } from '../functions/core/model.ts';
import { limitsOf } from '../functions/core/record-limit.ts';
import { prepareReduce } from '../functions/core/reduce-key-group.ts';
import { stateAfter } from '../functions/core/reduction.ts';
import type { SavedWindows } from '../functions/core/saved-windows.ts';
import { WindowTable } from '../functions/core/window-table.ts';
import type { Aggregation, Pipeline } from '../functions/pipeline/pipeline.ts';

export const minuteMs = 60_000;
const minutes = 2_880;
const events = 100_000;
const keys = 50;
const from = Date.UTC(2026, 0, 1);

export type Spent = { executorMs: number; reduceMs: number; rows: number; events: number };
export type EachBatch = (state: SavedWindows, watermark: number) => void;

const meta = {
  ...{ streamName: 's', shardId: 's', partitionKey: 'k', explicitHashKey: undefined, sequenceNumber: '1' },
  ...{ subSequenceNumber: 0, arrivalTime: new Date(from) },
};

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/** All that a reduce asks of a body, beside its watermarks. */
const names = { batchId: 0, ref: 1, generation: 1 };

/** In any order within their minute, the same each time. */
function drawn(): { readonly at: number; readonly key: string; readonly value: number }[][] {
  let seed = 1;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const byMinute = Array.from({ length: minutes }, () => [] as { at: number; key: string; value: number }[]);
  for (let count = 0; count < events; count++) {
    const minute = next(minutes);
    byMinute[minute]!.push({
      at: from + minute * minuteMs + next(minuteMs),
      key: `k${next(keys)}`,
      value: next(1_000),
    });
  }
  return byMinute;
}

/** Batches of so many minutes; the last one closes all windows. */
export function runByTheMinute(
  given: Pipeline & { readonly aggregation: Aggregation },
  { minutesABatch }: { readonly minutesABatch: number },
  eachBatch: EachBatch = () => undefined,
): Spent {
  const spent: Spent = { executorMs: 0, reduceMs: 0, rows: 0, events };
  const evaluate = createEvaluator(given);
  const limits = limitsOf(given.outputs);
  const byMinute = drawn();
  let state: SavedWindows = [];
  let watermarkIn: number | null = null;
  for (let minute = 0; minute <= minutes; minute += minutesABatch) {
    const isLast = minute + minutesABatch > minutes;
    const payloads = byMinute
      .slice(minute, minute + minutesABatch)
      .flat()
      .map((event) => utf8(JSON.stringify(event)));
    const watermarkOut: number = isLast ? endOfTime : from + (minute + minutesABatch) * minuteMs;

    const began = process.cpuUsage();
    const table = new WindowTable(given.aggregation);
    for (const payload of payloads) table.add(evaluate(payload, meta), meta, { batchId: 0, watermark: watermarkIn });
    const block = JSON.stringify(table.saveByKeyGroup(1).get(0)?.windows ?? []);
    const read = process.cpuUsage();
    const group = { keyGroup: 0, before: state, blocks: [JSON.parse(block) as SavedWindows] };
    const { rows, setup, finish } = prepareReduce(given, { ...names, watermarkIn, watermarkOut } as SealedBatch, group);
    const reduced = finish(rows.map(rowEvaluator(given, setup)), limits);
    state = stateAfter(state, reduced).windows;
    const done = process.cpuUsage();

    spent.executorMs += between(began, read);
    spent.reduceMs += between(read, done);
    spent.rows += rows.length;
    watermarkIn = watermarkOut;
    eachBatch(state, watermarkOut);
  }
  return spent;
}

const between = (one: NodeJS.CpuUsage, other: NodeJS.CpuUsage): number =>
  (other.user + other.system - one.user - one.system) / 1_000;
