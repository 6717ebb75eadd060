/** Sluice's executor from the socket to its block: one task a call. What the table would hold is in memory. */
import { createKinesisClient } from '../../../functions/adapters/kinesis/client.ts';
import { createKinesisSink } from '../../../functions/adapters/kinesis/kinesis-sink.ts';
import { createPollingSource } from '../../../functions/adapters/kinesis/polling-source.ts';
import type { GroupPartials } from '../../../functions/core/group-partials.ts';
import type { BlockSummary } from '../../../functions/core/model.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { processShards } from '../../../functions/steps/process-shards/process-shards.ts';
import { systemClock } from '../../../functions/steps/system-clock.ts';
import { decompress, md5, planned, plannedTask, planRecord } from '../../support/builders.ts';
import { type Memory, memoryPorts } from '../../support/memory-ports.ts';

const log = { info: () => {}, warn: () => {} };

export type Block = { readonly summary: BlockSummary; readonly partials: ReadonlyMap<number, GroupPartials> };

/** Reads a page of each shard in a batch of its own, and gives its block. */
export function openExecutor(pipeline: Pipeline, endpoint: string, shards = 1): () => Promise<Block> {
  const client = createKinesisClient({ region: 'us-east-1', endpointUrl: endpoint });
  // Quotas of a shard are waited for in no time: a batch comes every so many seconds where it is deployed.
  let now = Date.now();
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
  };
  const clock = { ...systemClock, now: () => now, sleep };
  const sink = createKinesisSink(client, { kind: 'name', streamName: 'out' }, clock);
  let epoch = 0;
  return async () => {
    epoch += 1;
    now += 10_000;
    const source = createPollingSource(client, pipeline.source, clock);
    const memory: Memory = memoryPorts(source, { clock, sink: () => sink });
    const read = Array.from({ length: shards }, (_, shard) => planned(`shardId-${shard}`));
    const task = plannedTask(read, { ref: epoch, fingerprint: pipeline.fingerprint, watermark: null });
    await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
    const input = { run: 'run', epoch, batchId: 1, task: 0, readSeconds: 12 };
    const { outcome } = await processShards(input, { pipeline, ports: memory.ports, md5, decompress, log });
    if (outcome !== 'moved') throw new Error(`a batch that was to move is ${outcome}`);
    return memory.blocks.get(`1/${epoch}/0`)!;
  };
}
