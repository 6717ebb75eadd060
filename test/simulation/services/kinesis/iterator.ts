/** GetShardIterator, and what an iterator stands for: a place in a shard, for five minutes. */
import {
  type Input,
  seal,
  streamOf,
  streamParameters,
  takeInput,
  textIn,
  timeIn,
  unseal,
  type World,
} from './calls.ts';
import { expiredIterator, overThroughput, refuse } from './errors.ts';
import { sequenceNumberParts } from './sequence-number.ts';
import type { StoredShard, StoredStream } from './stored-stream.ts';

const lifeMs = 300_000;

export type Place = {
  readonly stream: StoredStream;
  readonly shard: StoredShard;
  /** The next record, counted from the shard's start. */
  readonly index: number;
  /** How far in time the reader has come. */
  readonly reached: number;
};

const parameters = [...streamParameters, 'ShardId', 'ShardIteratorType', 'StartingSequenceNumber', 'Timestamp'];

export function getShardIterator(world: World, given: unknown): object {
  const input = takeInput(given, parameters);
  const stream = streamOf(world, input);
  const shard = stream.shard(textIn(input, 'ShardId'));
  if (shard.closedAt === undefined && !shard.iterators.take(world.now()))
    throw overThroughput(`shard ${shard.shardId}`);
  return { ShardIterator: iteratorOf({ stream, shard, ...placeIn(world, stream, shard, input) }, world.now()) };
}

export const iteratorOf = ({ stream, shard, index, reached }: Place, now: number): string =>
  seal('ShardIterator', [stream.name, stream.createdAt, shard.shardId, index, reached, now]);

export function placeOf(world: World, iterator: string): Place {
  const [name, createdAt, shardId, index, reached, made] = unseal(iterator, 'ShardIterator');
  const stream = streamOf(world, { StreamName: name });
  if (stream.createdAt !== createdAt) throw refuse('Invalid ShardIterator: it did not come from this stream.');
  if (world.now() - Number(made) > lifeMs) throw expiredIterator();
  return { stream, shard: stream.shard(String(shardId)), index: Number(index), reached: Number(reached) };
}

export function placeIn(
  world: World,
  stream: StoredStream,
  shard: StoredShard,
  input: Input,
): { readonly index: number; readonly reached: number } {
  const type = textIn(input, 'ShardIteratorType');
  switch (type) {
    case 'TRIM_HORIZON':
      return { index: shard.trimmed, reached: 0 };
    case 'LATEST':
      return { index: shard.records.length, reached: world.now() };
    case 'AT_TIMESTAMP':
      return placeAtTime(shard, timeIn(input, 'Timestamp'), world.now());
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER':
      return placeAtNumber(world, stream, shard, { type, number: textIn(input, 'StartingSequenceNumber') });
    default:
      throw refuse(`${type} is no ShardIteratorType`);
  }
}

/** At the first record that arrived then or later; stamps need not be in order. */
function placeAtTime(shard: StoredShard, timestamp: number, now: number) {
  if (timestamp > now) {
    throw refuse(`The timestampInMillis parameter cannot be greater than the currentTimestampInMillis: ${timestamp}`);
  }
  const index = shard.records.findIndex(({ arrivalTime }) => arrivalTime >= timestamp);
  return { index: index < 0 ? shard.records.length : index, reached: timestamp };
}

function placeAtNumber(
  { quirks }: World,
  stream: StoredStream,
  shard: StoredShard,
  { type, number }: { readonly type: string; readonly number: string },
) {
  const parts = sequenceNumberParts(number, stream.numbers);
  if (parts === undefined || (parts.stream ?? stream.number) !== stream.number) {
    throw refuse(`StartingSequenceNumber ${number} is invalid because it did not come from this stream.`);
  }
  if (parts.shard !== shard.number) {
    throw refuse(
      `Invalid StartingSequenceNumber. It encodes shard ${parts.shard}, while it was used in a call to ${shard.shardId}`,
    );
  }
  const at = firstFrom(shard, number);
  if (at < shard.trimmed && quirks.refusesTrimmed) throw refuse(`StartingSequenceNumber ${number} is trimmed`);
  const isThere = shard.records[at]?.sequenceNumber === number;
  if (!isThere && quirks.refusesContinuations && number !== shard.startingSequenceNumber)
    throw refuse(`StartingSequenceNumber ${number} is of no record in ${shard.shardId}`);
  const index = isThere && type === 'AFTER_SEQUENCE_NUMBER' ? at + 1 : at;
  return { index, reached: shard.records[at]?.arrivalTime ?? shard.openedAt };
}

/** The first record with this number or a later one. */
function firstFrom({ records }: StoredShard, number: string): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (BigInt(records[middle]!.sequenceNumber) < BigInt(number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
