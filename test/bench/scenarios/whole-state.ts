/**
 * What `sluice-reduce` does, as a consumer of its own does it. With `stored` as a Lambda function with a tumbling window does it ("Implementing stateful
 * Kinesis Data Streams processing in Lambda": the state is one JSON object, each call is given all of it and returns all of it): parsed, added to,
 * written whole. Without, counts are in a Map of the process, which are lost with it. Both are given what executors have counted, as JSON; nothing
 * of them survives a crash between two batches, and a batch that is done twice counts twice.
 */
import type { Variant } from '../../../bench/side-by-side/scenario.ts';
import { type Batch, Workload } from '../state/workload.ts';
import { type CycleSize, cpuUs, cycleOf, hourMs } from './whole-cycle.ts';

type Counted = { user: string; start: number; events: number; total: number };
type State = Record<string, Counted>;
type Kept = {
  load(): State;
  save(state: State): void;
};

const variant: Variant<CycleSize & { readonly stored: boolean }> = async (_, { stored, ...size }) => ({
  run: async (calls) => {
    let [units, amount, rows] = [0, 0, 0];
    for (let call = 0; call < calls; call++) {
      const workload = new Workload(cycleOf(size));
      const kept = stored ? storedState() : stateInMemory();
      for (const batch of batchesOf(workload, cycleOf(size).batches)) {
        const given = partialsOf(workload, batch);
        units += batch.touched.reduce((sum, entries) => sum + entries.length, 0);
        const begun = cpuUs();
        rows += reduce(kept, given, batch.maxEventTime - hourMs).length;
        amount += cpuUs() - begun;
      }
    }
    return { units, amount, digest: `${rows} rows` };
  },
});

function* batchesOf(workload: Workload, batches: number): Generator<Batch> {
  yield* workload.fill();
  for (let at = 0; at < batches; at++) yield workload.next(at);
}

/** As its bytes, which is what a store takes. */
function storedState(): Kept {
  let bytes = Buffer.from('{}');
  return {
    load: () => JSON.parse(bytes.toString()),
    save: (state) => {
      bytes = Buffer.from(JSON.stringify(state));
    },
  };
}

function stateInMemory(): Kept {
  const state: State = Object.create(null);
  return { load: () => state, save: () => {} };
}

/** Rows of windows that end by this time. */
function reduce(kept: Kept, given: readonly string[], watermark: number): readonly string[] {
  const state = kept.load();
  for (const text of given) {
    for (const partial of JSON.parse(text) as Counted[]) {
      const key = `${partial.user}|${partial.start}`;
      const known = state[key];
      if (known === undefined) {
        state[key] = partial;
        continue;
      }
      known.events += partial.events;
      known.total += partial.total;
    }
  }
  const rows: string[] = [];
  for (const [key, { user, start, events, total }] of Object.entries(state)) {
    if (start + hourMs > watermark) continue;
    const end = new Date(start + hourMs).toISOString();
    rows.push(JSON.stringify({ user, start: new Date(start).toISOString(), end, events, total, mean: total / events }));
    delete state[key];
  }
  kept.save(state);
  return rows;
}

/** Of each task, and no part of what is measured. */
function partialsOf(workload: Workload, batch: Batch): readonly string[] {
  const { aggregation, parallelism } = workload.pipeline;
  const [counting, summing] = aggregation!.aggregates.map(({ fn }) => fn);
  const resultOf = (fn: typeof counting, saved: unknown): number => Number(fn!.result(fn!.merge(fn!.empty(), saved)));
  return batch.touched.map((_, task) => {
    const counted: Counted[] = [];
    for (const { windows } of workload.table(batch, task).saveByKeyGroup(parallelism).values())
      for (const [[user], ofKey] of windows)
        for (const [start, , [events, total]] of ofKey)
          counted.push({
            ...{ user: String(user), start: Number(start) },
            ...{ events: resultOf(counting, events), total: resultOf(summing, total) },
          });
    return JSON.stringify(counted);
  });
}

export default variant;
