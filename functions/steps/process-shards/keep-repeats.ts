/** What an executor knows of records that a shard had before: loaded before its first page, and stored before the block that names it. */
import type { PlannedShard, PlannedTask } from '../../core/model.ts';
import type { NamedMemory } from '../../core/repeats/named-memory.ts';
import type { Repeats } from '../../core/repeats/repeats.ts';
import { RepeatsOfShard } from '../../core/repeats/repeats-of-shard.ts';
import { ShardMemory } from '../../core/repeats/shard-memory.ts';
import type { ShardResult } from '../../core/shard-result.ts';
import type { Deduplication } from '../../pipeline/pipeline.ts';
import type { MemoryStore } from '../../ports/memory-store.ts';

export type RepeatKeeper = {
  /** What was known at the shard's position, by all that it goes on from. */
  open(shard: PlannedShard): Promise<Repeats>;
  /** Undefined: nothing was added to what has a name. */
  store(task: PlannedTask, repeats: Repeats, result: ShardResult): Promise<NamedMemory | undefined>;
};

export function createRepeatKeeper(
  { identityField, forgetAfterMs }: Deduplication,
  { loadMemory, putMemory }: MemoryStore,
): RepeatKeeper {
  return {
    async open({ memories = [] }) {
      const memory = new ShardMemory();
      for (const named of memories) memory.join(ShardMemory.from(await loadMemory(named)));
      return new RepeatsOfShard(memory, identityField);
    },
    async store({ batchId, ref, task }, repeats, { shardId, lastArrival }) {
      if (!(repeats instanceof RepeatsOfShard) || !repeats.hasChanged) return undefined;
      const { memory } = repeats;
      if (lastArrival !== null) memory.forget(lastArrival - forgetAfterMs);
      return putMemory({ batchId, ref, task }, memory.save(shardId));
    },
  };
}
