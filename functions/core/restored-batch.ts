/**
 * A batch that reads nothing and gives out nothing: behind it a pipeline goes on from what another batch had come to.
 *
 * RESTORED-1 It takes the next number, so the chain has no branches: what was committed stays in it, and is purged in its turn.
 * RESTORED-2 What it names it has put itself, but for what the batch before names and it goes on naming. So no purge of an older batch takes
 *    anything of it.
 * RESTORED-3 Its states are there before it is sealed: nobody reduces it, and whoever finds it sealed commits it.
 */
import { noCounts } from './counters.ts';
import type { BatchBody, BatchName, GroupStates } from './model.ts';
import type { Origin } from './origin.ts';
import { memoryChanges } from './repeats/inherit-memories.ts';
import type { ShardCheckpoint } from './shard-checkpoint.ts';

export type Restoring = BatchName & {
  readonly origin: Origin;
  readonly generation: number;
  /** Of the batch that the states and positions are of. */
  readonly source: BatchBody;
  /** Of the source, with memories that are the batch's own. */
  readonly shards: readonly ShardCheckpoint[];
  /** The batch before in the chain. Undefined: there is none. */
  readonly previous: BatchBody | undefined;
  readonly states: GroupStates;
  readonly parallelism: number;
};

export function restoredBody(given: Restoring): BatchBody {
  const { batchId, ref, origin, generation, source, shards, previous, states, parallelism } = given;
  const memories = memoryChanges(previous?.shards ?? [], shards);
  return {
    ...{ batchId, ref, generation, kind: 'restored', origin, parallelism, states, shards },
    previous: previous === undefined ? null : { batchId: previous.batchId, ref: previous.ref },
    ...{ consumerType: source.consumerType, fingerprint: source.fingerprint },
    ...{ watermarkIn: source.watermarkOut, watermarkOut: source.watermarkOut },
    ...(source.overUpTo === undefined ? {} : { overUpTo: source.overUpTo }),
    ...(memories === undefined ? {} : { memories }),
    ...(source.redrive === undefined ? {} : { redrive: source.redrive }),
    ...{ blocks: [], counters: noCounts, records: 0, bytes: 0, resentElsewhere: 0, dataLoss: [] },
    ...{ shardsRead: 0, failedShards: [], failedTasks: 0, tasksWithoutBlock: 0 },
    // Whether there is more is known by who reads on.
    ...{ caughtUp: false, backlog: true },
    // What was noted of batches that are left behind is of other output.
    notesFrom: ref,
    ...{ millisBehindLatest: source.millisBehindLatest, lastDeliveryAt: source.lastDeliveryAt },
  };
}
