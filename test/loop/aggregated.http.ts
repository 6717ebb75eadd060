/** Records of a KPL after a split, and compressed payloads, through the whole loop: each event once. */
import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { ListShardsCommand, PutRecordCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { aggregate } from '../../functions/core/pack-events.ts';
import { json, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Compression } from '../../functions/pipeline/compression.ts';
import { waitUntilActive } from '../../local/services/streams.ts';
import { md5, utf8 } from '../support/builders.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { kinesisOf, makeStreams, publishEvents, readSink, runToEnd, runtimeOf, uniqueName } from '../support/world.ts';

const world = useWorld();

const idsPipeline = (name: string, streams: { source: string; sink: string }, compression: Compression) =>
  requirePipeline(
    pipeline(name)
      .readStream(kinesis({ streamName: streams.source, startingPosition: 'TRIM_HORIZON', compression }))
      .decode(json(z.object({ id: z.number() })))
      .map((event) => ({ id: event.id }))
      .writeStream(kinesis({ streamName: streams.sink })),
  );

const idsIn = async (sink: string) => (await readSink(world, sink)).map(({ id }) => Number(id)).sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const middle = 2n ** 127n;
const keyOf = (id: number) => `user-${id}`;
const isUpper = (id: number) => BigInt(`0x${createHash('md5').update(keyOf(id)).digest('hex')}`) >= middle;

/** As the KPL does: the key `a`, and the shard by an explicit hash key. */
async function putByKpl(stream: string, ids: readonly number[], hashKey: bigint): Promise<string> {
  const events = ids.map((id) => ({ partitionKey: keyOf(id), data: utf8(JSON.stringify({ id })) }));
  const { ShardId } = await kinesisOf(world).send(
    new PutRecordCommand({
      StreamName: stream,
      PartitionKey: 'a',
      ExplicitHashKey: String(hashKey),
      Data: aggregate(events, md5),
    }),
  );
  return ShardId!;
}

test('a KPL whose map of the shards is old: what it sends again is counted once', async () => {
  const streams = await makeStreams(world, 1);
  const client = kinesisOf(world);
  const ids = upTo(40);
  await putByKpl(streams.source, ids.slice(0, 10), 0n);
  const { Shards } = await client.send(new ListShardsCommand({ StreamName: streams.source }));
  await client.send(
    new SplitShardCommand({
      StreamName: streams.source,
      ShardToSplit: Shards![0]!.ShardId,
      NewStartingHashKey: String(middle),
    }),
  );
  await expect
    .poll(async () => (await waitUntilActive(client, { StreamName: streams.source })) !== undefined)
    .toBe(true);

  // For the parent, and so with events of both children; what is of the upper one is sent again.
  const both = ids.slice(10);
  const upper = both.filter(isUpper);
  expect(upper.length).toBeGreaterThan(3);
  const first = await putByKpl(streams.source, both, 5n);
  const again = await putByKpl(streams.source, upper, middle);
  expect(again).not.toBe(first);

  const runtime = runtimeOf(world, idsPipeline(uniqueName('kpl'), streams, 'none'));
  expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
  const { chain } = await checkInvariants(world, runtime, streams.sink);
  expect(await idsIn(streams.sink)).toEqual(ids);
  const total = (of: (body: (typeof chain)[number]) => number) => chain.reduce((sum, body) => sum + of(body), 0);
  expect(total(({ resentElsewhere }) => resentElsewhere)).toBe(upper.length);
  expect(total(({ counters }) => counters.read)).toBe(ids.length);
  const reports = await Promise.all(chain.map(({ batchId, ref }) => runtime.ports.reports.loadProgress(batchId, ref)));
  expect(reports.reduce((sum, report) => sum + report!.resentElsewhere, 0)).toBe(upper.length);
});

test.each(['gzip', 'zstd', 'auto'] as const)(
  'payloads compressed with %s, in aggregated records',
  async (compression) => {
    const streams = await makeStreams(world, 2);
    const compress = (text: string, id: number): Uint8Array =>
      compression === 'zstd' || (compression === 'auto' && id % 2 === 0) ? zstdCompressSync(text) : gzipSync(text);
    const events = upTo(30).map((id) => ({ key: keyOf(id), data: compress(JSON.stringify({ id }), id) }));
    await publishEvents(world, streams.source, events, 5);

    const runtime = runtimeOf(world, idsPipeline(uniqueName('compressed'), streams, compression));
    expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
    await checkInvariants(world, runtime, streams.sink);
    expect(await idsIn(streams.sink)).toEqual(upTo(30));
  },
);
