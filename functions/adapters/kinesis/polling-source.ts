/** The source by polling: ListShards, GetShardIterator, GetRecords. */
import {
  DescribeStreamSummaryCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { SluiceError } from '../../core/errors.ts';
import type { ListedShard, StreamIdentity } from '../../core/model.ts';
import { lastReadOf, type Position } from '../../core/position.ts';
import type { KinesisSource, StreamReference } from '../../pipeline/pipeline.ts';
import type { Clock, Random, ShardFilter, Source } from '../../ports.ts';
import { fromAws, isNamed } from '../aws-errors.ts';
import { PollingCursor } from './polling-cursor.ts';
import { serverTimeOf } from './server-time.ts';

const pageSize = 1000;
const maxPages = 100;

export function createPollingSource(
  client: KinesisClient,
  options: KinesisSource,
  clock: Clock,
  random: Random = Math.random,
): Source {
  const stream = streamParameters(options.stream);
  const name = stream.StreamARN ?? stream.StreamName ?? '';
  const failed = (doing: string, error: unknown): SluiceError =>
    fromAws(error, `stream ${name}: ${doing}`, { ResourceNotFoundException: 'StreamNotFound' });
  const call = async <Result>(doing: string, send: () => Promise<Result>): Promise<Result> => {
    try {
      return await send();
    } catch (error) {
      throw failed(doing, error);
    }
  };
  return {
    describe: () => call('describe', () => describe(client, stream, clock)),
    listShards: (filter, identity) => call('list shards', () => listShards(client, stream, filter, identity)),
    open: async (shardId, position, reading) => {
      const openIterator = (at: Position) => openShard(client, stream, shardId, at);
      const failure = (error: unknown) => failed(`read ${shardId}`, error);
      const cursor = new PollingCursor({
        client,
        clock,
        random,
        options,
        failure,
        openIterator,
        streamArn: stream.StreamARN,
        shardId,
        position,
        readableAt: reading?.readableAt,
      });
      await cursor.open();
      return cursor;
    },
  };
}

/** By name or by ARN. An ARN also serves streams of other accounts. */
export function streamParameters(stream: StreamReference): {
  readonly StreamName?: string;
  readonly StreamARN?: string;
} {
  return stream.kind === 'name' ? { StreamName: stream.streamName } : { StreamARN: stream.streamArn };
}

async function describe(client: KinesisClient, stream: ReturnType<typeof streamParameters>, clock: Clock) {
  const answer = await client.send(new DescribeStreamSummaryCommand(stream));
  const summary = answer.StreamDescriptionSummary!;
  const identity: StreamIdentity = {
    arn: summary.StreamARN!,
    name: summary.StreamName!,
    createdAt: summary.StreamCreationTimestamp!.getTime(),
    retentionMs: summary.RetentionPeriodHours! * 3_600_000,
  };
  return { stream: identity, serverTime: serverTimeOf(answer, clock) };
}

async function listShards(
  client: KinesisClient,
  stream: ReturnType<typeof streamParameters>,
  filter: ShardFilter,
  identity: StreamIdentity,
): Promise<ListedShard[]> {
  const shards: ListedShard[] = [];
  let token: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    // A token stands for all parameters of the first page and comes alone.
    const input: ListShardsCommandInput =
      token === undefined
        ? {
            ...stream,
            ...filterParameters(filter),
            MaxResults: pageSize,
            StreamCreationTimestamp: new Date(identity.createdAt),
          }
        : { NextToken: token, MaxResults: pageSize };
    const answer = await client.send(new ListShardsCommand(input));
    shards.push(...(answer.Shards ?? []).map(toListedShard));
    token = answer.NextToken;
    if (token === undefined) return shards;
  }
  throw new SluiceError('TemporaryFailure', `more than ${maxPages * pageSize} shards listed`);
}

function filterParameters(filter: ShardFilter): Pick<ListShardsCommandInput, 'ShardFilter'> {
  if (filter.kind === 'all') return {};
  return { ShardFilter: { Type: 'AT_TIMESTAMP', Timestamp: new Date(filter.timestamp) } };
}

function toListedShard(shard: Shard): ListedShard {
  return {
    shardId: shard.ShardId!,
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((parent) => parent !== undefined),
    hashRange: { start: shard.HashKeyRange!.StartingHashKey!, end: shard.HashKeyRange!.EndingHashKey! },
    sequenceNumbers: {
      first: shard.SequenceNumberRange!.StartingSequenceNumber!,
      last: shard.SequenceNumberRange!.EndingSequenceNumber,
    },
  };
}

async function openShard(
  client: KinesisClient,
  stream: ReturnType<typeof streamParameters>,
  ShardId: string,
  position: Position,
): Promise<string> {
  const input: GetShardIteratorCommandInput = { ...stream, ShardId, ...iteratorParameters(position) };
  try {
    return (await client.send(new GetShardIteratorCommand(input))).ShardIterator!;
  } catch (error) {
    throw refusedPosition(error, ShardId, position) ?? error;
  }
}

/** What it means that Kinesis does not take a position; undefined if the error says something else. */
export function refusedPosition(error: unknown, shardId: string, position: Position): SluiceError | undefined {
  if (!isNamed(error, 'InvalidArgumentException')) return undefined;
  // Kinesis refuses a time ahead of its clock, be it by a fraction of a second; the same call is good a moment later.
  if (position.kind === 'at-timestamp')
    return new SluiceError('TemporaryFailure', `${shardId}: ${(error as Error).message}`);
  return new SluiceError(
    'CorruptCheckpoint',
    `${shardId}: Kinesis does not take sequence number ${lastReadOf(position) ?? ''}: ${(error as Error).message}`,
  );
}

function iteratorParameters(
  position: Position,
): Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'> {
  switch (position.kind) {
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' };
    case 'at-timestamp':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(position.timestamp) };
    case 'after-sequence-number':
      return {
        ShardIteratorType: position.subSequenceNumber === undefined ? 'AFTER_SEQUENCE_NUMBER' : 'AT_SEQUENCE_NUMBER',
        StartingSequenceNumber: position.sequenceNumber,
      };
    case 'shard-end':
      throw new Error('a shard at its end is not opened');
  }
}
