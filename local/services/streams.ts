/** Streams of a local run: made when they are missing, and their open shards. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  type Shard,
} from '@aws-sdk/client-kinesis';
import type { HashKeyRange } from '../../functions/core/hash-key.ts';
import type { StreamReference } from '../../functions/pipeline/stream.ts';
import { everyStreamTakes } from '../../functions/sinks/stream-record.ts';
import { LocalProblem } from '../local-problem.ts';

export type StreamTarget = { readonly StreamName: string } | { readonly StreamARN: string };

export type OpenShard = HashKeyRange & { readonly shardId: string };

const attempts = 400;
const pollMs = 25;
const maxPages = 200;

export function targetOf(stream: StreamReference): StreamTarget {
  return stream.kind === 'name' ? { StreamName: stream.streamName } : { StreamARN: stream.streamArn };
}

export function nameOf(stream: StreamReference): string {
  return stream.kind === 'name' ? stream.streamName : (stream.streamArn.split('/').at(-1) ?? stream.streamArn);
}

/** Makes the stream unless it exists, and waits until it can be used. */
export async function createStream(
  client: KinesisClient,
  name: string,
  shards: number,
  maxRecordBytes: number = everyStreamTakes,
): Promise<StreamFacts> {
  const stream: StreamTarget = { StreamName: name };
  if ((await describe(client, stream)) === undefined) await requestStream(client, { name, shards, maxRecordBytes });
  return waitUntilActive(client, stream);
}

export type StreamFacts = {
  /** A stream deleted and made again has another. */
  readonly createdAt: number;
  /** The largest record, with its partition key. */
  readonly maxRecordBytes: number;
};

export async function waitUntilActive(client: KinesisClient, stream: StreamTarget): Promise<StreamFacts> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const summary = await describe(client, stream);
    if (summary === undefined) throw new LocalProblem('unreachable', `There is no stream ${Object.values(stream)[0]}.`);
    const status = summary.StreamStatus;
    if (status === 'ACTIVE' || status === 'UPDATING')
      return {
        createdAt: summary.StreamCreationTimestamp?.getTime() ?? 0,
        maxRecordBytes: Math.max(everyStreamTakes, (summary.MaxRecordSizeInKiB ?? 0) * 1024),
      };
    await sleep(pollMs);
  }
  throw new LocalProblem('unreachable', `Stream ${Object.values(stream)[0]} did not become active.`);
}

export async function listShards(client: KinesisClient, stream: StreamTarget): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  let next: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const answer = await client.send(new ListShardsCommand(next === undefined ? stream : { NextToken: next }));
    shards.push(...(answer.Shards ?? []));
    next = answer.NextToken;
    if (next === undefined) return shards;
  }
  throw new Error(`ListShards did not end after ${maxPages} pages`);
}

/** In ascending order of their hash keys. */
export async function openShards(client: KinesisClient, stream: StreamTarget): Promise<readonly OpenShard[]> {
  const shards = await listShards(client, stream);
  return shards
    .filter((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined)
    .map((shard) => ({
      shardId: shard.ShardId ?? '',
      startingHashKey: BigInt(shard.HashKeyRange?.StartingHashKey ?? '0'),
      endingHashKey: BigInt(shard.HashKeyRange?.EndingHashKey ?? '0'),
    }))
    .sort((one, other) => (one.startingHashKey < other.startingHashKey ? -1 : 1));
}

async function describe(client: KinesisClient, stream: StreamTarget) {
  try {
    return (await client.send(new DescribeStreamSummaryCommand(stream))).StreamDescriptionSummary;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function requestStream(
  client: KinesisClient,
  stream: { readonly name: string; readonly shards: number; readonly maxRecordBytes: number },
): Promise<void> {
  const { name, shards, maxRecordBytes } = stream;
  // Servers that know no larger records need not hear of them.
  const size = maxRecordBytes === everyStreamTakes ? {} : { MaxRecordSizeInKiB: Math.ceil(maxRecordBytes / 1024) };
  try {
    await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards, ...size }));
  } catch (error) {
    // Another process was quicker.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}
