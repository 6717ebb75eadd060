/** Splits and merges while the pipeline runs and while it is stopped: nothing lost, nothing twice, parents first. */
import { ListShardsCommand, MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import { waitUntilActive } from '../../local/services/streams.ts';
import { departures, departuresPipeline, expectedDepartures, resultsOf } from '../support/departures-case.ts';
import { checkInvariants, type Memory } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { kinesisOf, makeStreams, publishEvents, runToEnd, runtimeOf, uniqueName } from '../support/world.ts';

const world = useWorld();

async function split(stream: string, shardId: string): Promise<void> {
  const client = kinesisOf(world);
  const { Shards } = await client.send(new ListShardsCommand({ StreamName: stream }));
  const range = Shards!.find((shard) => shard.ShardId === shardId)!.HashKeyRange!;
  const middle = (BigInt(range.StartingHashKey!) + BigInt(range.EndingHashKey!)) / 2n;
  await client.send(
    new SplitShardCommand({ StreamName: stream, ShardToSplit: shardId, NewStartingHashKey: middle.toString() }),
  );
  await untilActive(stream);
}

async function merge(stream: string, one: string, other: string): Promise<void> {
  await kinesisOf(world).send(
    new MergeShardsCommand({ StreamName: stream, ShardToMerge: one, AdjacentShardToMerge: other }),
  );
  await untilActive(stream);
}

const untilActive = async (StreamName: string) => {
  await waitUntilActive(kinesisOf(world), { StreamName });
  await expect.poll(async () => (await waitUntilActive(kinesisOf(world), { StreamName })) !== undefined).toBe(true);
};

const shard = (number: number) => `shardId-${String(number).padStart(12, '0')}`;

test('a split and a merge between runs, and one before the first run', async () => {
  const streams = await makeStreams(world, 2);
  const events = departures(120);
  await publishEvents(world, streams.source, events.slice(0, 30), 3);
  await split(streams.source, shard(0));
  await publishEvents(world, streams.source, events.slice(30, 60), 3);

  const pipeline = departuresPipeline(uniqueName('reshard'), streams, { maxFetchRecordsPerShard: 10 });
  const runtime = runtimeOf(world, pipeline);
  const memory: Memory = new Map();
  await runToEnd(runtime, { untilCaughtUp: true });
  await checkInvariants(world, runtime, streams.sink, memory);

  await publishEvents(world, streams.source, events.slice(60, 80), 3);
  await merge(streams.source, shard(2), shard(3));
  await publishEvents(world, streams.source, events.slice(80, 100), 3);
  await split(streams.source, shard(1));
  await publishEvents(world, streams.source, events.slice(100), 3);
  await runToEnd(runtime, { untilCaughtUp: true, closeWindows: true });

  const { chain, outputs, repeats } = await checkInvariants(world, runtime, streams.sink, memory);
  expect(repeats).toBe(0);
  expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
  expect(chain.reduce((late, body) => late + body.counters.late, 0)).toBe(0);
  const last = chain.at(-1)!.shards;
  expect(last.filter(({ life }) => life === 'ended').map(({ shardId }) => shardId)).toEqual([0, 1, 2, 3].map(shard));
  expect(last.map(({ shardId }) => shardId)).toEqual([0, 1, 2, 3, 4, 5, 6].map(shard));
});
