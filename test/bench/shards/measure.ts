/**
 * Plan, seal and commit of a stream of many shards, on the stores and steps that are deployed, with units as AWS bills them. Blocks are put as
 * executors that found something in so many of their shards put them; events are not read.
 */
import type { StorageParts } from '../../../functions/adapters/dynamodb/storage.ts';
import { noCounts } from '../../../functions/core/counters.ts';
import { nothingReduced } from '../../../functions/core/driver.ts';
import { numbersIn } from '../../../functions/core/waves.ts';
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import { commitBatch } from '../../../functions/steps/commit-batch/commit-batch.ts';
import { planBatch } from '../../../functions/steps/plan-batch/plan-batch.ts';
import { sealBatch } from '../../../functions/steps/seal-batch/seal-batch.ts';
import { Random } from '../../simulation/random.ts';
import { timing } from '../../support/builders.ts';
import { type Asked, asking, committedPipeline } from './committed-pipeline.ts';
import { type Counts, readOf } from './stream.ts';

const checked = requirePipeline(
  pipeline('bench')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .writeStream(kinesis({ streamName: 'out' })),
);
/** So that what is purged is counted, too. */
const measured = { ...checked, minBatchesToRetain: 3 };
const triggerMs = 10_000;
const run = 'bench';

type Step = 'plan' | 'executors' | 'seal' | 'reducer' | 'commit';
export type Costs = Readonly<Record<Step, Asked>>;

export type Settings = Counts & {
  /** Of the open ones, in each batch, others each time. */
  readonly movedPart: number;
  readonly batches: number;
  readonly shardParts?: StorageParts['shardParts'];
};

/** One for each batch. */
export async function measureShards({
  movedPart,
  batches,
  shardParts,
  ...counts
}: Settings): Promise<readonly Costs[]> {
  const random = new Random(7);
  const { time, services, stores, newId, runtime } = await committedPipeline(measured, counts, shardParts);
  const costOf = <Value>(work: () => Promise<Value>) => asking(services, work);

  const read = async (ref: number, batchId: number, task: number): Promise<void> => {
    const { shards } = await stores.plans.loadTask(ref, task);
    const results = shards.filter(() => random.chance(movedPart)).map((shard) => readOf(shard, time.now, random));
    if (results.length === 0) return;
    const events = results.reduce((sum, result) => sum + result.events, 0);
    const counters = { ...noCounts, read: events, counted: events, emitted: events };
    const summary = { ref, batchId, task, nonce: newId(), shards: results, failedShards: [], groups: [], counters };
    await stores.blocks.putBlock(summary, new Map());
  };

  const all: Costs[] = [];
  for (let turn = 1; turn <= batches; turn++) {
    time.now += triggerMs;
    const startedAt = new Date(time.now).toISOString();
    const asked = { run, timing, request: {}, startedAt, executionId: run };
    const [planned, plan] = await costOf(() =>
      planBatch({ ...asked, batch: { next: 'plan', turn: turn - 1 } } as never, runtime),
    );
    if (planned.next !== 'process') throw new Error(`the plan answers ${JSON.stringify(planned)}`);
    const { epoch, batchId, waitUntil } = planned;
    const tasks = numbersIn(planned.tasks);
    const [, executors] = await costOf(async () => {
      for (const task of tasks) await read(epoch, batchId, task);
    });
    const ofBatch = { run, timing, epoch, batchId, turn, waitUntil };
    const outcomes = tasks.map(() => 'moved' as const);
    const [sealed, seal] = await costOf(() => sealBatch({ ...ofBatch, outcomes }, runtime));
    if (sealed.next !== 'commit') throw new Error(`the seal answers ${JSON.stringify(sealed)}`);
    const [, reducer] = await costOf(() => stores.seals.loadSealed(batchId, epoch));
    const [, commit] = await costOf(() =>
      commitBatch({ ...asked, ...ofBatch, ref: epoch, reduced: nothingReduced, groups: [] }, runtime),
    );
    all.push({ plan, executors, seal, reducer, commit });
  }
  return all;
}

/** Of plan, seal and commit together. */
export const unitsOf = ({ plan, seal, commit }: Costs, of: 'readUnits' | 'writeUnits'): number =>
  plan[of] + seal[of] + commit[of];
