/** Sluice's executor from the socket to its block: one task of one shard a call. What the table would hold is in memory. */
import { createKinesisClient } from '../../../functions/adapters/kinesis/client.ts';
import { createPollingSource } from '../../../functions/adapters/kinesis/polling-source.ts';
import type { GroupPartials } from '../../../functions/core/group-partials.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { processShards } from '../../../functions/steps/process-shards/process-shards.ts';
import { systemClock } from '../../../functions/steps/system-clock.ts';
import { decompress, md5, planned, plannedTask, planRecord } from '../../support/builders.ts';
import { type Memory, memoryPorts } from '../../support/memory-ports.ts';

const log = { info: () => {}, warn: () => {} };

/** Reads a page of a shard in a batch of its own, and gives what its block has. */
export function openExecutor(pipeline: Pipeline, endpoint: string): () => Promise<ReadonlyMap<number, GroupPartials>> {
  const client = createKinesisClient({ region: 'us-east-1', endpointUrl: endpoint });
  // Quotas of a shard are waited for in no time: a batch comes every so many seconds where it is deployed.
  let now = Date.now();
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
  };
  const clock = { ...systemClock, now: () => now, sleep };
  let epoch = 0;
  return async () => {
    epoch += 1;
    now += 10_000;
    const source = createPollingSource(client, pipeline.source, clock);
    const memory: Memory = memoryPorts(source, { clock });
    const task = plannedTask([planned('shardId-0')], {
      ref: epoch,
      fingerprint: pipeline.fingerprint,
      watermark: null,
    });
    await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
    const input = { run: 'run', epoch, batchId: 1, task: 0, readSeconds: 12 };
    const { outcome } = await processShards(input, { pipeline, ports: memory.ports, md5, decompress, log });
    if (outcome !== 'moved') throw new Error(`a batch that was to move is ${outcome}`);
    return memory.blocks.get(`1/${epoch}/0`)!.partials;
  };
}
