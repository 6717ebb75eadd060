/** Sluice's executor from the socket to its block: one task a call. What the table would hold is in memory. */

import { createFanOutSource } from '../../../functions/adapters/kinesis/fan-out-source.ts';
import { createKinesisSink } from '../../../functions/adapters/kinesis/kinesis-sink.ts';
import { createPollingSource } from '../../../functions/adapters/kinesis/polling-source.ts';
import { createReadingClient, createSubscriptionClient } from '../../../functions/adapters/kinesis/reading-client.ts';
import { createWritingClient } from '../../../functions/adapters/kinesis/writing-client.ts';
import type { GroupPartials } from '../../../functions/core/group-partials.ts';
import type { BlockSummary } from '../../../functions/core/model.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Clock } from '../../../functions/ports/clock.ts';
import type { Source } from '../../../functions/ports/source.ts';
import { processShards } from '../../../functions/steps/process-shards/process-shards.ts';
import { systemClock } from '../../../functions/steps/system-clock.ts';
import { budgetsIn } from '../../../functions/steps/user-code-ports.ts';
import { decompress, md5, planned, plannedTask, planRecord } from '../../support/builders.ts';
import { type Memory, memoryPorts } from '../../support/memory-ports.ts';

const log = { info: () => {}, warn: () => {} };

export type Block = { readonly summary: BlockSummary; readonly partials: ReadonlyMap<number, GroupPartials> };

export type ExecutorShape = {
  readonly shards?: number;
  /** Of the function. Absent: its default. */
  readonly memoryMb?: number;
  /** By a subscription of each shard, up to its tip. Absent: by polling, a page of each. */
  readonly subscribes?: boolean;
};

const consumerArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/in/consumer/bench:1';
/** The stub shares its processors with whom it serves: how long it takes is no part of what is measured. */
const requestTimeoutMs = 60_000;
const readSeconds = 600;

/** Reads each shard in a batch of its own, and gives its block. */
export function openExecutor(pipeline: Pipeline, endpoint: string, shape: ExecutorShape = {}): () => Promise<Block> {
  const { shards = 1, memoryMb, subscribes = false } = shape;
  const settings = { region: 'us-east-1', endpointUrl: endpoint, requestTimeoutMs };
  const client = createReadingClient(settings);
  const { clock, nextBatch } = subscribes ? realTime : untilAsked();
  const polling = createPollingSource(client, pipeline.source, clock);
  const subscriptions = createSubscriptionClient(settings, '2');
  const source: Source = subscribes
    ? createFanOutSource({ polling, client: subscriptions, consumer: undefined as never, clock })
    : polling;
  const sink = createKinesisSink(createWritingClient(settings), { kind: 'name', streamName: 'out' }, clock);
  let epoch = 0;
  return async () => {
    epoch += 1;
    nextBatch();
    const memory: Memory = memoryPorts(source, { clock, sink: () => sink });
    const read = Array.from({ length: shards }, (_, shard) => planned(`shardId-${shard}`));
    const given = { ref: epoch, fingerprint: pipeline.fingerprint, watermark: null };
    const task = plannedTask(read, { ...given, consumerArn: subscribes ? consumerArn : null });
    await memory.ports.plans.putPlan(planRecord({ ref: epoch }), [task]);
    const input = { run: 'run', epoch, batchId: 1, task: 0, readSeconds };
    const runtime = { pipeline, ports: memory.ports, md5, decompress, log, ...budgetsIn({ memoryMb }) };
    const { outcome } = await processShards(input, runtime);
    if (outcome !== 'moved') throw new Error(`a batch that was to move is ${outcome}`);
    return memory.blocks.get(`1/${epoch}/0`)!;
  };
}

type Time = { readonly clock: Clock; nextBatch(): void };

/** Quotas of a shard are waited for in no time: a batch comes every so many seconds where it is deployed. */
function untilAsked(): Time {
  let now = Date.now();
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
  };
  const nextBatch = (): void => {
    now += 10_000;
  };
  return { clock: { ...systemClock, now: () => now, sleep }, nextBatch };
}

/** Who waits for an event of a subscription waits. */
const realTime: Time = { clock: systemClock, nextBatch: () => {} };
