/**
 * What a test's source with `deduplicate` knows of earlier records: stored for each shard and batch under a name, which the seal of that batch
 * says, as a deployed one has it. What a try has stored that was not sealed is named by nobody.
 */
import { endOfTime } from '../core/end-of-time.ts';
import type { PlannedShard, PlannedTask } from '../core/model.ts';
import type { NamedMemory } from '../core/repeats/named-memory.ts';
import type { Repeats } from '../core/repeats/repeats.ts';
import { RepeatsOfShard } from '../core/repeats/repeats-of-shard.ts';
import { type SavedMemory, ShardMemory } from '../core/repeats/shard-memory.ts';
import type { ShardResult } from '../core/shard-result.ts';
import type { Deduplication } from '../pipeline/pipeline.ts';
import { throughJson } from './as-saved.ts';

/** Of one shard, while it is read. */
export type RepeatsOfRead = {
  readonly repeats: Repeats;
  /** Undefined: nothing was added to what has a name. */
  store(task: PlannedTask, result: ShardResult): NamedMemory | undefined;
};

export class TestMemories {
  readonly #stored = new Map<string, SavedMemory>();

  open({ identityField, forgetAfterMs }: Deduplication, shard: PlannedShard, hasClock: boolean): RepeatsOfRead {
    const memory = new ShardMemory();
    for (const { nonce } of shard.memories ?? []) memory.join(ShardMemory.from(this.#stored.get(nonce)!));
    const known = new RepeatsOfShard(memory, identityField);
    return {
      repeats: hasClock ? known : withoutTime(known),
      store: ({ batchId, ref, task }, { shardId, lastArrival }) => {
        if (!known.hasChanged) return undefined;
        if (hasClock && lastArrival !== null) memory.forget(lastArrival - forgetAfterMs);
        const nonce = `${ref}/${shardId}`;
        this.#stored.set(nonce, throughJson(memory.save(shardId)));
        return { batchId, ref, task, nonce, v: 1, chunks: 1, digest: '' };
      },
    };
  }
}

/** Where nobody has said what time it is, no identity is from the future. */
function withoutTime(known: Repeats): Repeats {
  return {
    begin() {
      const step = known.begin();
      return {
        get taken() {
          return step.taken;
        },
        meet: (data) => step.meet(data, endOfTime),
        take: () => step.take(),
        keep: (taken) => step.keep(taken),
      };
    },
  };
}
