/**
 * Which worker reads which shard, by the Kinesis Client Library's rules, as they are written anew in JavaScript: a lease for each shard that
 * has none (HierarchicalShardSyncer), a share of ceil(leases / workers) for each worker, those that own more give theirs up, and what is free
 * goes to those that have less (DynamoDBLeaseTaker.computeLeasesToTake, github.com/awslabs/amazon-kinesis-client). Leases are plain objects in a
 * list, an item of the table each; that they are read from it and written to it is left out. It knows nothing of what a shard's reading costs.
 */
import type { Shard } from '@aws-sdk/client-kinesis';
import type { Variant } from '../side-by-side/scenario.ts';
import { digestOfPlan, openShards, shardsPerTask } from '../side-by-side/shards.ts';

type Lease = {
  leaseKey: string;
  owner: string | undefined;
  checkpoint: string;
  parents: string[];
  leaseCounter: number;
};

const variant: Variant<{ readonly shards: number }> = async (_, { shards: count }) => {
  const shards = openShards(count);
  const workers = Array.from({ length: Math.ceil(count / shardsPerTask) }, (__, at) => `worker-${at}`);
  // All but every hundredth are owned: workers come and go.
  const stored = shards.map(({ ShardId, SequenceNumberRange }, at): Lease => {
    const owner = at % 100 === 0 ? undefined : workers[at % workers.length];
    const checkpoint = SequenceNumberRange!.StartingSequenceNumber!;
    return { leaseKey: ShardId!, owner, checkpoint, parents: [], leaseCounter: at };
  });
  return {
    run: async (calls) => {
      let counts: number[] = [];
      for (let call = 0; call < calls; call++) {
        // As a query of the table gives them: objects of this turn alone.
        const leases = stored.map((lease) => ({ ...lease }));
        counts = assign([...leases, ...missingLeases(shards, leases)], shards, workers);
      }
      return { units: calls * count, digest: digestOfPlan(counts) };
    },
  };
};

function missingLeases(shards: readonly Shard[], leases: readonly Lease[]): Lease[] {
  const known = new Set(leases.map(({ leaseKey }) => leaseKey));
  return shards
    .filter(({ ShardId }) => !known.has(ShardId!))
    .map(({ ShardId, ParentShardId, AdjacentParentShardId }) => ({
      ...{ leaseKey: ShardId!, owner: undefined, checkpoint: 'TRIM_HORIZON', leaseCounter: 0 },
      parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
    }));
}

/** How many each worker has of those whose parents have ended. */
function assign(leases: readonly Lease[], shards: readonly Shard[], workers: readonly string[]): number[] {
  const listed = new Set(shards.map(({ ShardId }) => ShardId));
  const byKey = new Map(leases.map((lease) => [lease.leaseKey, lease]));
  const runnable = leases.filter(
    ({ leaseKey, parents }) =>
      listed.has(leaseKey) && parents.every((parent) => (byKey.get(parent)?.checkpoint ?? 'SHARD_END') === 'SHARD_END'),
  );
  const target = Math.ceil(runnable.length / workers.length);
  const owned = new Map(workers.map((worker) => [worker, 0]));
  const free: Lease[] = [];
  for (const lease of runnable) {
    const count = lease.owner === undefined ? undefined : owned.get(lease.owner);
    if (count === undefined || count >= target) free.push(lease);
    else owned.set(lease.owner!, count + 1);
  }
  for (const worker of workers) {
    const room = target - owned.get(worker)!;
    for (const lease of free.splice(0, room)) {
      lease.owner = worker;
      lease.leaseCounter += 1;
      owned.set(worker, owned.get(worker)! + 1);
    }
  }
  return [...owned.values()];
}

export default variant;
