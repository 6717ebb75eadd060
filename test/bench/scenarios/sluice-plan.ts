/** The decision of PlanBatch, behind what it has loaded: the listing as the SDK's client gives it, what is new in it, and which task reads which shard. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Variant } from '../../../bench/side-by-side/scenario.ts';
import { digestOfPlan, openShards, shardsPerTask } from '../../../bench/side-by-side/shards.ts';
import { listShards } from '../../../functions/adapters/kinesis/stream-listing.ts';
import { decidePlan } from '../../../functions/core/decide-plan.ts';
import { compareListing } from '../../../functions/core/shard-lineage.ts';
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import { mainSource } from '../../../functions/pipeline/sources.ts';
import { batchBody, headOf } from '../../support/builders.ts';
import { knownShards } from '../shards/stream.ts';

const now = Date.UTC(2026, 0, 1);

const variant: Variant<{ readonly shards: number }> = async (_, { shards: count }) => {
  const Shards = openShards(count);
  const client = { send: async () => ({ Shards }) } as unknown as KinesisClient;
  const maxTasks = Math.ceil(count / shardsPerTask);
  const planned = requirePipeline(
    pipeline('bench', { maxTasks, shardsPerTask })
      .readStream(kinesis({ streamName: 'in' }))
      .decode(bytes())
      .writeStream(kinesis({ streamName: 'out' })),
  );
  const { fingerprint } = planned;
  const head = headOf({ fingerprint });
  const { stream } = head.sources[mainSource];
  const body = batchBody({ fingerprint, shards: knownShards({ open: count, ended: 0 }, now) });
  return {
    run: async (calls) => {
      let counts: readonly number[] = [];
      for (let call = 0; call < calls; call++) {
        const listed = await listShards(client, { StreamName: 'in' }, { kind: 'all' });
        const listing = compareListing(body.shards, listed, { now, stream, startedAt: 0 });
        const { tasks } = decidePlan(planned, head, body, { listing, kind: 'read', now, maxTasks });
        counts = tasks.map(({ shards }) => shards.length);
      }
      return { units: calls * count, digest: digestOfPlan(counts) };
    },
  };
};

export default variant;
