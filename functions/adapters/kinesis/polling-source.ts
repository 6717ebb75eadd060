/** The source by polling: ListShards, GetShardIterator, GetRecords. */
import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
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
import type { Clock, Random } from '../../ports/clock.ts';
import type { ShardFilter, Source } from '../../ports/source.ts';
import { fromAws, isNamed } from '../aws-errors.ts';
import { givenUpAfter } from '../given-up-after.ts';
import { given } from '../incomplete-answer.ts';
import { toHashRange } from './kinesis-record.ts';
import { PollingCursor } from './polling-cursor.ts';
import { serverTimeOf } from './server-time.ts';
import { findEnd, type ShardEnd } from './shard-end.ts';

const pageSize = 1000;
const maxPages = 100;
/** Over a long stretch without records each call goes some way. */
const maxLooksBehind = 10;

export type PollingSource = Source & {
  /** Whether the shard is over behind this position: by the listing, and by what is left. */
  findEnd(shardId: string, position: Position, deadline: number): Promise<ShardEnd | undefined>;
};

export function createPollingSource(
  client: KinesisClient,
  options: KinesisSource,
  clock: Clock,
  random: Random = Math.random,
): PollingSource {
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
  const endOf: PollingSource['findEnd'] = (shardId, position, deadline) =>
    findEnd(shardId, {
      list: () => listShards(client, stream, { kind: 'all' }),
      isNothingLeft: () => isNothingLeft(client, stream, { shardId, position, ...givenUpAfter(deadline, clock) }),
    });
  return {
    describe: () => call('describe', () => describe(client, stream, clock)),
    listShards: (filter, identity) => call('list shards', () => listShards(client, stream, filter, identity)),
    findEnd: (shardId, ...given) => call(`look for the end of ${shardId}`, () => endOf(shardId, ...given)),
    open: async (shardId, position, reading) => {
      const cursor = new PollingCursor({
        client,
        clock,
        random,
        options,
        failure: (error) => failed(`read ${shardId}`, error),
        openIterator: (at, until) =>
          openShard(client, stream, { shardId, position: at, ...givenUpAfter(until, clock) }),
        findEnd: (at, until) => endOf(shardId, at, until),
        streamArn: stream.StreamARN,
        shardId,
        position,
        readableAt: reading?.readableAt,
        deadline: reading?.deadline ?? Number.POSITIVE_INFINITY,
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
  const summary = given(answer.StreamDescriptionSummary, 'StreamDescriptionSummary');
  const identity: StreamIdentity = {
    arn: given(summary.StreamARN, 'StreamARN'),
    name: given(summary.StreamName, 'StreamName'),
    createdAt: given(summary.StreamCreationTimestamp, 'StreamCreationTimestamp').getTime(),
    retentionMs: given(summary.RetentionPeriodHours, 'RetentionPeriodHours') * 3_600_000,
  };
  return { stream: identity, serverTime: serverTimeOf(answer, clock) };
}

async function listShards(
  client: KinesisClient,
  stream: ReturnType<typeof streamParameters>,
  filter: ShardFilter,
  identity?: StreamIdentity,
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
            ...(identity === undefined ? {} : { StreamCreationTimestamp: new Date(identity.createdAt) }),
          }
        : { NextToken: token, MaxResults: pageSize };
    const answer = await client.send(new ListShardsCommand(input));
    shards.push(...given(answer.Shards, 'Shards').map(toListedShard));
    token = answer.NextToken || undefined;
    if (token === undefined) return shards;
  }
  throw new SluiceError('TemporaryFailure', `more than ${maxPages * pageSize} shards listed`);
}

function filterParameters(filter: ShardFilter): Pick<ListShardsCommandInput, 'ShardFilter'> {
  if (filter.kind === 'all') return {};
  return { ShardFilter: { Type: 'AT_TIMESTAMP', Timestamp: new Date(filter.timestamp) } };
}

function toListedShard(shard: Shard): ListedShard {
  const { StartingSequenceNumber, EndingSequenceNumber } = given(shard.SequenceNumberRange, 'a SequenceNumberRange');
  return {
    shardId: given(shard.ShardId, 'the ShardId of a shard'),
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((parent) => parent !== undefined),
    hashRange: toHashRange(shard.HashKeyRange),
    sequenceNumbers: {
      first: given(StartingSequenceNumber, 'the StartingSequenceNumber of a shard'),
      last: EndingSequenceNumber,
    },
  };
}

type Place = { readonly shardId: string; readonly position: Position; readonly abortSignal?: AbortSignal };

async function openShard(
  client: KinesisClient,
  stream: ReturnType<typeof streamParameters>,
  { shardId: ShardId, position, ...options }: Place,
): Promise<string> {
  const input: GetShardIteratorCommandInput = { ...stream, ShardId, ...iteratorParameters(position) };
  try {
    const answer = await client.send(new GetShardIteratorCommand(input), options);
    return given(answer.ShardIterator, 'ShardIterator');
  } catch (error) {
    throw refusedPosition(error, ShardId, position) ?? error;
  }
}

/** Whether a shard that was closed before this has nothing behind the position. */
async function isNothingLeft(
  client: KinesisClient,
  stream: ReturnType<typeof streamParameters>,
  { shardId, position, ...options }: Place,
): Promise<boolean> {
  let iterator: string | undefined = await openShard(client, stream, { shardId, position, ...options });
  const { StreamARN } = stream;
  for (let look = 0; look < maxLooksBehind && iterator !== undefined; look++) {
    const input = { ShardIterator: iterator, Limit: 1, ...(StreamARN === undefined ? {} : { StreamARN }) };
    const answer: GetRecordsCommandOutput = await client.send(new GetRecordsCommand(input), options);
    if (given(answer.Records, 'Records').length > 0) return false;
    if (given(answer.MillisBehindLatest, 'MillisBehindLatest') === 0) return true;
    iterator = answer.NextShardIterator || undefined;
  }
  return false;
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
