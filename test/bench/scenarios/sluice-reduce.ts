/**
 * ReduceKeyGroup as it is deployed, each call with stores of its own as after a cold start. Requests are answered in the same process, by tables and
 * buckets in memory, and what those take is left out; so is what makes the blocks, seals them and commits.
 */
import type { Answer, Variant } from '../../../bench/side-by-side/scenario.ts';
import { Loop, type Reduce } from '../state/loop.ts';
import { reduceAll } from '../state/reduce-calls.ts';
import { type ServiceName, Services } from '../state/services.ts';
import type { Settings } from '../state/settings.ts';
import { Workload } from '../state/workload.ts';
import { type CycleSize, cpuUs, cycleOf } from './whole-cycle.ts';

const variant: Variant<CycleSize> = async (_, size) => ({
  run: async (calls) => {
    let [units, amount, rows] = [0, 0, 0];
    for (let call = 0; call < calls; call++) {
      const made = await reduceCycle(cycleOf(size));
      units += made.units;
      amount += made.amount;
      rows += made.rows;
    }
    return { units, amount, digest: `${rows} rows` } satisfies Answer;
  },
});

async function reduceCycle(cycle: Settings) {
  const workload = new Workload(cycle);
  const loop = new Loop(workload, (now) => new Services(now), cycle);
  let [units, amount, rows, served] = [0, 0, 0, 0];
  const ask = async (service: ServiceName, operation: string, input: unknown): Promise<object> => {
    const begun = cpuUs();
    try {
      return loop.services.execute(service, operation, input);
    } finally {
      served += cpuUs() - begun;
    }
  };
  const reduce: Reduce = async (group) => {
    const [begun, servedBefore] = [cpuUs(), served];
    const reduced = await reduceAll(
      { pipeline: workload.pipeline, stores: { tableOnly: cycle.tableOnly }, ask },
      group,
    );
    amount += cpuUs() - begun - (served - servedBefore);
    rows += reduced.sent;
    return { ...reduced, peakMb: 0 };
  };
  await loop.begin();
  for (const batch of workload.fill()) {
    units += cycle.entries;
    await loop.batch(batch, reduce);
  }
  for (let at = 0; at < cycle.batches; at++) {
    const batch = workload.next(at);
    units += batch.touched.reduce((sum, entries) => sum + entries.length, 0);
    await loop.batch(batch, reduce);
  }
  return { units, amount, rows };
}

export default variant;
