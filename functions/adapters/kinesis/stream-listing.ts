/** What a stream is and which shards it has: DescribeStreamSummary, ListShards. */
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { SluiceError } from '../../core/errors.ts';
import type { StreamIdentity } from '../../core/model.ts';
import type { ListedShard } from '../../core/shard-checkpoint.ts';
import type { StreamReference } from '../../pipeline/stream.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ShardFilter, StreamListing } from '../../ports/source.ts';
import { fromAws } from '../aws-errors.ts';
import { given } from '../incomplete-answer.ts';
import { toHashRange } from './kinesis-record.ts';
import { serverTimeOf } from './server-time.ts';

const pageSize = 1000;
const maxPages = 100;

export function createStreamListing(client: KinesisClient, reference: StreamReference, clock: Clock): StreamListing {
  const stream = streamParameters(reference);
  return {
    describe: () => calling(reference, 'describe', () => describe(client, stream, clock)),
    listShards: (filter, identity) =>
      calling(reference, 'list shards', () => listShards(client, stream, filter, identity)),
  };
}

/** A failure of Kinesis as one of ours, which names the stream. */
export const failureOf = (stream: StreamReference, doing: string, error: unknown): SluiceError =>
  fromAws(error, `stream ${stream.kind === 'name' ? stream.streamName : stream.streamArn}: ${doing}`, {
    ResourceNotFoundException: 'StreamNotFound',
  });

export async function calling<Result>(
  stream: StreamReference,
  doing: string,
  send: () => Promise<Result>,
): Promise<Result> {
  try {
    return await send();
  } catch (error) {
    throw failureOf(stream, doing, error);
  }
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

export async function listShards(
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
