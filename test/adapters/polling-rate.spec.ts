/** Turn after turn on a shard with a backlog of large records: 2 MB a second, and what other readers leave of it. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import { afterSequenceNumber, type Position, trimHorizon } from '../../functions/core/position.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedKinesis } from '../simulation/services/kinesis/simulated-kinesis.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { noon } from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';

const mebibyte = 1_048_576;
const records = 40;
const callMs = 15;
const options = { ...mapped().source, stream: { kind: 'name', streamName: 'large' } } as const;

/** 40 MiB in one shard; `others` are called for each read of ours, as other readers that share the limits. */
function backlog(others: (kinesis: SimulatedKinesis, now: number) => void = () => {}) {
  let now = noon;
  const kinesis = new SimulatedKinesis({ now: () => Math.floor(now), random: new Random(1) });
  kinesis.createStream('large', { shards: 1 });
  for (let at = 0; at < records; at++) {
    const Data = new Uint8Array(mebibyte - 10);
    kinesis.execute('PutRecord', { StreamName: 'large', PartitionKey: `key-${at}`, Data });
    now += 1_000;
  }
  const execute = (operation: string, input: unknown) => {
    now += callMs;
    if (operation === 'GetRecords') others(kinesis, now);
    return kinesis.execute(operation, input);
  };
  const clock = {
    now: () => now,
    async sleep(ms: number) {
      now += ms;
    },
  };
  const client = serviceClient<KinesisClient>(execute, { date: () => now });
  return { source: createPollingSource(client, options, clock, () => 0.5), clock };
}

/** As batches do it: a cursor for each turn, what it leaves is carried to the next. */
async function readAll({ source, clock }: ReturnType<typeof backlog>, turnMs: number) {
  const startedAt = clock.now();
  const read: string[] = [];
  let position: Position = trimHorizon;
  let readableAt: number | undefined;
  let throttles = 0;
  for (let turn = 0; turn < 500 && read.length < records; turn++) {
    const cursor = await source.open('shardId-000000000000', position, {
      until: Number.POSITIVE_INFINITY,
      deadline: Number.POSITIVE_INFINITY,
      consumerArn: null,
      readableAt,
    });
    for (;;) {
      const page = await cursor.next(10_000, clock.now() + 12_000);
      if (typeof page === 'string') break;
      read.push(...page.records.map(({ partitionKey }) => partitionKey));
      const last = page.records.at(-1);
      if (last !== undefined) position = afterSequenceNumber(last.sequenceNumber);
      if (page.millisBehindLatest === 0) break;
    }
    ({ readableAt } = cursor.usage!);
    throttles += cursor.usage!.throttles;
    await clock.sleep(turnMs);
  }
  return { read, throttles, seconds: (clock.now() - startedAt) / 1_000 };
}

const all = Array.from({ length: records }, (_, at) => `key-${at}`);

it('alone, a reader gets what a shard gives, and is never refused', async () => {
  const { read, throttles, seconds } = await readAll(backlog(), 500);
  expect(read).toEqual(all);
  expect(throttles).toBe(0);
  // 40 MiB at 2 MiB a second, less the last answer, for which nobody waits.
  expect(seconds).toBeGreaterThan(14);
  expect(seconds).toBeLessThan(19);
});

it('beside another reader it is refused at times, and still reads everything in its order', async () => {
  let before = 0;
  const busy = (kinesis: SimulatedKinesis, now: number) => {
    if (now - before < 1_000) return;
    before = now;
    const from = { StreamName: 'large', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = kinesis.execute('GetShardIterator', from) as { readonly ShardIterator: string };
    try {
      kinesis.execute('GetRecords', { ShardIterator, Limit: 2 });
    } catch {
      // Refused as we are.
    }
  };
  const { read, throttles, seconds } = await readAll(backlog(busy), 500);
  expect(read).toEqual(all);
  expect(throttles).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(60);
});
