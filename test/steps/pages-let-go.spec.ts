/** What a read holds of its pages: the budget counts one of each shard, and nothing that lies before it. */
import { setImmediate as soon } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, expect, it } from 'vitest';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { Source } from '../../functions/ports/source.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { decompress, md5, noon, page, planned, plannedTask, planRecord, record } from '../support/builders.ts';
import { type Memory, memoryPorts } from '../support/memory-ports.ts';
import { mapped, windowed } from '../support/pipelines.ts';

let collectGarbage: () => void;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collectGarbage = runInNewContext('gc') as () => void;
});

const log = { info: () => {}, warn: () => {} };
const shards = 2;
const pagesOfShard = 2;

/** How many pages there are in memory whenever one is asked for, and when all were read. */
async function pagesHeld(pipeline: Pipeline): Promise<readonly number[]> {
  const given: WeakRef<object>[] = [];
  const held: number[] = [];
  const look = async (): Promise<void> => {
    // What a turn of the event loop has looked at is held until it ends.
    await soon();
    collectGarbage();
    held.push(given.filter((each) => each.deref() !== undefined).length);
  };
  let sequence = 0;
  const open = async () => {
    let left = pagesOfShard;
    return {
      async next() {
        await look();
        if (left-- === 0) return 'deadline';
        const records = Array.from({ length: 5 }, () => record(++sequence, { id: 1, at: noon, key: 'k' }));
        given.push(new WeakRef(records[0]!));
        return page(records, { millisBehindLatest: 1_000 });
      },
    };
  };
  const memory: Memory = memoryPorts({ open } as unknown as Source);
  const all = Array.from({ length: shards }, (_, at) => planned(`s${at}`));
  const task = plannedTask(all, { ref: 7, fingerprint: pipeline.fingerprint });
  await memory.ports.plans.putPlan(planRecord({ ref: 7 }), [task]);
  const sink = { send: async () => undefined };
  const ports = { ...memory.ports, sink: () => sink };
  // One page at a time has room.
  const runtime = { pipeline, ports, md5, decompress, log, readBudgetBytes: 1 };
  await processShards({ run: 'run', epoch: 7, batchId: 1, task: 0, readSeconds: 12 }, runtime);
  await look();
  expect(given).toHaveLength(shards * pagesOfShard);
  return held;
}

it.each([
  ['that sends events on', mapped],
  ['that groups them', windowed],
])('a page is let go of before the next one comes, of a pipeline %s', async (_, pipeline) => {
  expect(await pagesHeld(pipeline())).toEqual([0, 0, 0, 0, 0, 0, 0]);
});
