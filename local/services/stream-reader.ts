/** Reads a stream outside any pipeline: to show results, to write them to a file, to see what a publisher has sent. */
import {
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { listShards, type StreamTarget } from './streams.ts';

export type SinkRecord = {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
};

export type From =
  | { readonly kind: 'trim-horizon' }
  | { readonly kind: 'at-timestamp'; readonly timestamp: number }
  | { readonly kind: 'after'; readonly sequenceNumber: string };

/** Empty answers in a row at a place that is not the tip: gaps in a shard are walked, but not for ever. */
const maxEmptyAnswers = 1_000;

/** What a shard holds now, from a place on; ends at the tip. */
export async function* readShard(
  client: KinesisClient,
  stream: StreamTarget,
  shardId: string,
  from: From,
): AsyncGenerator<readonly SinkRecord[]> {
  let iterator = await iteratorOf(client, stream, shardId, from);
  const owner = 'StreamARN' in stream ? stream : {};
  let emptyAnswers = 0;
  while (iterator !== undefined && emptyAnswers <= maxEmptyAnswers) {
    const answer: GetRecordsOutput = await client.send(new GetRecordsCommand({ ...owner, ShardIterator: iterator }));
    const records = (answer.Records ?? []).map((record) => ({
      shardId,
      sequenceNumber: record.SequenceNumber ?? '',
      partitionKey: record.PartitionKey ?? '',
      data: record.Data ?? new Uint8Array(),
    }));
    if (records.length > 0) yield records;
    // A server may say 0 although more records follow, so only an empty answer ends it.
    if (records.length === 0 && (answer.MillisBehindLatest ?? 0) === 0) return;
    emptyAnswers = records.length === 0 ? emptyAnswers + 1 : 0;
    iterator = answer.NextShardIterator;
  }
}

/** All shards, one after the other, oldest first. */
export async function* readStream(client: KinesisClient, stream: StreamTarget): AsyncGenerator<readonly SinkRecord[]> {
  for (const { ShardId = '' } of await listShards(client, stream)) {
    yield* readShard(client, stream, ShardId, { kind: 'trim-horizon' });
  }
}

/** Hands out what has arrived since the last call. */
export type StreamFollower = { next(): Promise<readonly SinkRecord[]> };

/** Each shard from `start`, then from where the call before stopped. */
export function followStream(client: KinesisClient, stream: StreamTarget, start: From): StreamFollower {
  const positions = new Map<string, From>();
  return {
    async next() {
      const found: SinkRecord[] = [];
      for (const { ShardId = '' } of await listShards(client, stream)) {
        for await (const records of readShard(client, stream, ShardId, positions.get(ShardId) ?? start)) {
          found.push(...records);
          positions.set(ShardId, { kind: 'after', sequenceNumber: records.at(-1)?.sequenceNumber ?? '' });
        }
      }
      return found;
    },
  };
}

async function iteratorOf(client: KinesisClient, stream: StreamTarget, shardId: string, from: From) {
  const answer = await client.send(new GetShardIteratorCommand({ ...stream, ShardId: shardId, ...iteratorType(from) }));
  return answer.ShardIterator;
}

function iteratorType(
  from: From,
): Pick<GetShardIteratorInput, 'ShardIteratorType' | 'Timestamp' | 'StartingSequenceNumber'> {
  switch (from.kind) {
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' };
    case 'at-timestamp':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(from.timestamp) };
    case 'after':
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: from.sequenceNumber };
  }
}
