/**
 * Several rows in one record, over the embedded Kinesis: packed, the stream is split before they arrive, and each row is read once, by our reader and
 * by the rule of the KCL, with AWS's own code for the format.
 */
import { createHash } from 'node:crypto';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type PutRecordsCommandOutput,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createKinesisSink } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import { openStream } from '../../functions/adapters/open-sinks.ts';
import { json, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { CheckedKinesisSink } from '../../functions/sinks/kinesis.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { waitUntilActive } from '../../local/services/streams.ts';
import { readByAws } from '../support/aws-kinesis-agg.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { kinesisOf, makeStreams, readSink, runToEnd, runtimeOf, uniqueName } from '../support/world.ts';

const world = useWorld();
/** In the middle of one of the 256 parts of the key space that rows are packed by. */
const insideOfBucket = (100n << 120n) + (1n << 119n) + 7n;
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const rowOf = (id: number) => ({
  partitionKey: `user-${id % 600}`,
  explicitHashKey: undefined,
  data: JSON.stringify({ id }),
});

/** Before its first request leaves, whose records are packed by then, the stream is split. */
function splittingClient(stream: string): KinesisClient {
  const [client, other] = [kinesisOf(world), kinesisOf(world)];
  let isSplit = false;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'PutRecordsCommand' && !isSplit) {
          isSplit = true;
          const NewStartingHashKey = String(insideOfBucket);
          await other.send(
            new SplitShardCommand({ StreamName: stream, ShardToSplit: 'shardId-000000000000', NewStartingHashKey }),
          );
          await waitUntilActive(other, { StreamName: stream });
        }
        return next(args);
      },
    { step: 'serialize' },
  );
  return client;
}

type Raw = { readonly data: Uint8Array; readonly start: bigint; readonly end: bigint };

async function rawRecords(stream: string): Promise<readonly Raw[]> {
  const client = kinesisOf(world);
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }));
  const ofShards = Shards.map(async ({ ShardId, HashKeyRange }) => {
    const [start, end] = [BigInt(HashKeyRange!.StartingHashKey!), BigInt(HashKeyRange!.EndingHashKey!)];
    const from = { StreamName: stream, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(from));
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
    return Records.map(({ Data }) => ({ data: Data!, start, end }));
  });
  return (await Promise.all(ofShards)).flat();
}

const md5Of = (key: string): bigint => BigInt(`0x${createHash('md5').update(key).digest('hex')}`);

/** A user record belongs to the shard in whose range its explicit hash key lies, or else the hash of its partition key; others are left out. */
function readByKcl({ data, start, end }: Raw): readonly string[] {
  const parts = readByAws(data, { checksDigest: true });
  if (parts === 'refused') throw new Error('no record of the format');
  const own = parts.filter(({ partitionKey, explicitHashKey }) => {
    const at = explicitHashKey === undefined ? md5Of(partitionKey) : BigInt(explicitHashKey);
    return start <= at && at <= end;
  });
  return own.map((part) => Buffer.from(part.data).toString());
}

const idsIn = (texts: readonly string[]) =>
  texts.map((text) => (JSON.parse(text) as { id: number }).id).sort((one, other) => one - other);

test('what was packed for a shard that is split before it arrives is read once, by our reader and by the rule of the KCL', async () => {
  const [packed, streams] = [await makeStreams(world, 1), await makeStreams(world, 1)];
  const written = requirePipeline(
    pipeline(uniqueName('packed'))
      .readStream(kinesis({ streamName: packed.source }))
      .decode(json(z.object({ id: z.number() })))
      .writeStream(kinesis({ streamName: packed.sink, aggregate: true })),
  );
  const sink = written.outputs[0]!.sink.options as CheckedKinesisSink;
  const client = splittingClient(packed.sink);
  const puts: PutRecordsCommandOutput[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      puts.push(answer.output as PutRecordsCommandOutput);
      return answer;
    },
    { step: 'initialize' },
  );
  const open = openStream(sink, (laneOf) =>
    createKinesisSink(client, sink.stream, systemClock, Math.random, { laneOf }),
  );
  const ids = upTo(1_500);
  expect(await open.send(ids.map(rowOf), systemClock.now() + 20_000)).toBeUndefined();
  const shards = new Set(puts.flatMap(({ Records = [] }) => Records.map(({ ShardId }) => ShardId)));
  // The first of two is split: nothing came to it before.
  expect([...shards].toSorted()).toEqual([1, 2, 3].map((number) => `shardId-00000000000${number}`));

  const raw = await rawRecords(packed.sink);
  expect(raw.length).toBeLessThanOrEqual(256);
  expect(idsIn(raw.flatMap(readByKcl))).toEqual(ids);

  const reading = requirePipeline(
    pipeline(uniqueName('reading'))
      .readStream(kinesis({ streamName: packed.sink, startingPosition: 'TRIM_HORIZON' }))
      .decode(json(z.object({ id: z.number() })))
      .map(({ id }) => ({ id }))
      .writeStream(kinesis({ streamName: streams.sink })),
  );
  const runtime = runtimeOf(world, reading);
  expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });
  const { chain } = await checkInvariants(world, runtime, streams.sink);
  expect(chain.reduce((sum, { resentElsewhere }) => sum + resentElsewhere, 0)).toBe(0);
  expect((await readSink(world, streams.sink)).map(({ id }) => Number(id)).sort((one, other) => one - other)).toEqual(
    ids,
  );
});
