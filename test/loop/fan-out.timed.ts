/**
 * The loop with enhanced fan-out: each record once, through reshards, and from one consumer type to the other. Side by
 * side, since most of a test is waiting, five seconds between subscriptions.
 */
import { ListShardsCommand, MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import type { BatchBody } from '../../functions/core/model.ts';
import { minSubscribeGapMs } from '../../functions/core/subscription-pace.ts';
import type { ConsumerType, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import { waitUntilActive } from '../../local/services/streams.ts';
import { departures, departuresPipeline, expectedDepartures, resultsOf } from '../support/departures-case.ts';
import { checkInvariants, type Memory } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { kinesisOf, makeStreams, publishEvents, runToEnd, runtimeOf, uniqueName } from '../support/world.ts';

const world = useWorld();

/** The embedded server loses the tags of a registration. */
const reading = (pipeline: Pipeline, consumerType: ConsumerType): Pipeline => {
  const subscribeToShard = { ...pipeline.source.subscribeToShard, adopt: true };
  return { ...pipeline, source: { ...pipeline.source, consumerType, subscribeToShard } };
};

const typesOf = (chain: readonly BatchBody[]) => [...new Set(chain.map((body) => body.consumerType))];

/** Watches every subscription that a runtime opens. */
function withSubscriptions(runtime: Runtime) {
  const subscribed: { readonly shardId: string; readonly at: number }[] = [];
  const failures: string[] = [];
  const { source } = runtime.ports;
  const ports = {
    ...runtime.ports,
    source: {
      ...source,
      async open(...args: Parameters<typeof source.open>) {
        const cursor = await source.open(...args);
        return {
          get subscribedAt() {
            return cursor.subscribedAt;
          },
          async next(limit: number) {
            const before = cursor.subscribedAt;
            const page = await cursor.next(limit);
            if ((page === 'deadline' || page === 'throttled') && cursor.subscribedAt === undefined)
              failures.push(args[0]);
            if (cursor.subscribedAt !== undefined && cursor.subscribedAt !== before)
              subscribed.push({ shardId: args[0], at: cursor.subscribedAt });
            return page;
          },
          close: () => cursor.close?.(),
        };
      },
    },
  };
  return { runtime: { ...runtime, ports }, subscribed, failures };
}

test.concurrent('switched from one consumer type to the other and back, a live pipeline loses nothing and repeats nothing', async () => {
  const streams = await makeStreams(world, 2);
  const pipeline = departuresPipeline(uniqueName('switched'), streams);
  const events = departures(120);
  const memory: Memory = new Map();
  const phases: readonly ConsumerType[] = ['SubscribeToShard', 'GetRecords', 'SubscribeToShard', 'GetRecords'];
  for (const [at, consumerType] of phases.entries()) {
    // The last but one finds nothing new: an idle shard is handed over as well.
    await publishEvents(
      world,
      streams.source,
      at === 2 ? [] : events.slice(at * 30, at * 30 + (at === 1 ? 60 : 30)),
      3,
    );
    const runtime = runtimeOf(world, reading(pipeline, consumerType));
    const isLast = at === phases.length - 1;
    expect(await runToEnd(runtime, { untilCaughtUp: true, closeWindows: isLast })).toMatchObject({ kind: 'succeeded' });
    const { chain, outputs, repeats } = await checkInvariants(world, runtime, streams.sink, memory);
    expect(repeats).toBe(0);
    if (at === 1) expect(typesOf(chain)).toEqual(['SubscribeToShard', 'GetRecords']);
    if (!isLast) continue;
    expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
    expect(chain.reduce((late, body) => late + body.counters.late, 0)).toBe(0);
    expect(chain.reduce((read, body) => read + body.counters.read, 0)).toBe(120);
  }
});

test.concurrent('a split and a merge are read through, and children after their parents', async () => {
  const streams = await makeStreams(world, 2);
  const client = kinesisOf(world);
  const active = () => waitUntilActive(client, { StreamName: streams.source });
  const shard = (number: number) => `shardId-${String(number).padStart(12, '0')}`;
  const events = departures(90);
  await publishEvents(world, streams.source, events.slice(0, 30), 3);
  const { Shards } = await client.send(new ListShardsCommand({ StreamName: streams.source }));
  const range = Shards!.find(({ ShardId }) => ShardId === shard(0))!.HashKeyRange!;
  const NewStartingHashKey = ((BigInt(range.StartingHashKey!) + BigInt(range.EndingHashKey!)) / 2n).toString();
  await client.send(new SplitShardCommand({ StreamName: streams.source, ShardToSplit: shard(0), NewStartingHashKey }));
  await active();
  await publishEvents(world, streams.source, events.slice(30, 60), 3);
  await client.send(
    new MergeShardsCommand({ StreamName: streams.source, ShardToMerge: shard(2), AdjacentShardToMerge: shard(3) }),
  );
  await active();
  await publishEvents(world, streams.source, events.slice(60), 3);

  const pipeline = departuresPipeline(uniqueName('reshard-fan-out'), streams);
  const runtime = runtimeOf(world, reading(pipeline, 'SubscribeToShard'));
  expect(await runToEnd(runtime, { untilCaughtUp: true, closeWindows: true })).toMatchObject({ kind: 'succeeded' });
  const { chain, outputs, repeats } = await checkInvariants(world, runtime, streams.sink);
  expect(repeats).toBe(0);
  expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
  expect(typesOf(chain.filter(({ kind }) => kind === 'read'))).toEqual(['SubscribeToShard']);
  const ended = chain.at(-1)!.shards.filter(({ life }) => life === 'ended');
  expect(ended.map(({ shardId }) => shardId)).toEqual([0, 2, 3].map(shard));
});

test.concurrent('batches with records and turns without any keep five seconds between two subscriptions of a shard', async ({
  expect,
}) => {
  const streams = await makeStreams(world, 1);
  const pipeline = departuresPipeline(uniqueName('paced'), streams, { maxFetchRecordsPerShard: 5 });
  const often = { ...pipeline, trigger: { ...pipeline.trigger, everyMs: 1_000 } };
  const { runtime, subscribed, failures } = withSubscriptions(runtimeOf(world, reading(often, 'SubscribeToShard')));
  await publishEvents(world, streams.source, departures(10), 1);
  const enough = new AbortController();
  const running = runToEnd(runtime, {}, { signal: enough.signal });
  await expect.poll(() => subscribed.length, { timeout: 60_000 }).toBe(4);
  enough.abort();
  await running.catch(() => {});
  const gaps = subscribed.slice(1).map(({ at }, index) => at - subscribed[index]!.at);
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(minSubscribeGapMs);
  expect(failures).toEqual([]);
});

test.concurrent('a run right after one that wrote nothing down finds its shard taken, and reads it in a later turn', async () => {
  const streams = await makeStreams(world, 1);
  await publishEvents(world, streams.source, departures(10), 1);
  const pipeline = reading(departuresPipeline(uniqueName('taken'), streams), 'SubscribeToShard');
  const run = async () => {
    const { runtime, failures } = withSubscriptions(runtimeOf(world, pipeline));
    expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
    return { runtime, refused: failures.length };
  };
  // The first one commits a batch, the second knows from it when to begin, and finds nothing.
  expect([(await run()).refused, (await run()).refused]).toEqual([0, 0]);
  const third = await run();
  expect(third.refused).toBeGreaterThan(0);
  const { chain } = await checkInvariants(world, third.runtime, streams.sink);
  expect(chain.flatMap((body) => body.failedShards)).toEqual([]);
  expect(chain.map((body) => body.counters.read)).toEqual([10]);
});
