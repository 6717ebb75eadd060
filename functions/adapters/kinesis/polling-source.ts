/** The source by polling: ListShards, GetShardIterator, GetRecords. */
import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { SluiceError } from '../../core/errors.ts';
import { lastReadOf, type Position } from '../../core/position.ts';
import type { KinesisSource } from '../../pipeline/pipeline.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Source } from '../../ports/source.ts';
import { isNamed } from '../aws-errors.ts';
import { givenUpAfter } from '../given-up-after.ts';
import { given } from '../incomplete-answer.ts';
import { PollingCursor } from './polling-cursor.ts';
import { findEnd, type ShardEnd } from './shard-end.ts';
import { calling, createStreamListing, failureOf, listShards, streamParameters } from './stream-listing.ts';

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
  const endOf: PollingSource['findEnd'] = (shardId, position, deadline) =>
    findEnd(shardId, {
      list: () => listShards(client, stream, { kind: 'all' }),
      isNothingLeft: () => isNothingLeft(client, stream, { shardId, position, ...givenUpAfter(deadline, clock) }),
    });
  return {
    ...createStreamListing(client, options.stream, clock),
    findEnd: (shardId, ...given) =>
      calling(options.stream, `look for the end of ${shardId}`, () => endOf(shardId, ...given)),
    open: async (shardId, position, reading) => {
      const cursor = new PollingCursor({
        client,
        clock,
        random,
        options,
        failure: (error) => failureOf(options.stream, `read ${shardId}`, error),
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
  }
}
