/** GetRecords: within its limits, from an iterator to where the next one begins. */
import { takeInput, textIn, type World, wholeIn } from './calls.ts';
import { internalFailure, notSimulated, overThroughput } from './errors.ts';
import { iteratorOf, type Place, placeOf } from './iterator.ts';
import { hashKeyRangeOf } from './list-shards-call.ts';
import type { StoredRecord, StoredShard } from './stored-stream.ts';

const maxRecords = 10_000;
const maxBytes = 10 * 1024 * 1024;

export function getRecords(world: World, given: unknown): object {
  const input = takeInput(given, ['ShardIterator', 'Limit', 'StreamARN']);
  const limit = input.Limit === undefined ? maxRecords : wholeIn(input, 'Limit', { least: 1, most: maxRecords });
  const now = world.now();
  const place = placeOf(world, textIn(input, 'ShardIterator'));
  if (input.StreamARN !== undefined && input.StreamARN !== place.stream.arn) throw notSimulated('StreamARN of another');
  if (world.quirks.failsReads(place.shard.number)) throw internalFailure(place.shard.shardId);
  if (!place.shard.reads.takeCall(now)) throw overThroughput(`shard ${place.shard.shardId}`);
  const page = takePage(world, place, { records: limit, bytes: maxBytes });
  place.shard.reads.gave(page.bytes, now);
  return {
    Records: page.records.map(describeRecord),
    MillisBehindLatest: page.millisBehindLatest,
    ...(page.isEnd
      ? { ChildShards: place.stream.childrenOf(place.shard.shardId).map(describeChild) }
      : { NextShardIterator: iteratorOf({ ...place, ...page.next }, now) }),
  };
}

type RecordPage = {
  readonly records: readonly StoredRecord[];
  readonly bytes: number;
  readonly millisBehindLatest: number;
  readonly isEnd: boolean;
  readonly next: Pick<Place, 'index' | 'reached'>;
};

/** What is read from a place on: up to a number of records, of bytes and of time, or to the tip. */
export function takePage(
  world: World,
  { stream, shard, index: from, reached }: Place,
  limit: { readonly records: number; readonly bytes: number },
): RecordPage {
  const now = world.now();
  const { stretchMs, pageRecords } = world.quirks;
  const most = Math.min(limit.records, pageRecords);
  const start = Math.max(reached, now - stream.retentionMs);
  const until = start + stretchMs;
  const records: StoredRecord[] = [];
  let index = Math.max(from, shard.trimmed);
  let bytes = 0;
  for (; index < shard.records.length && records.length < most; index++) {
    const record = shard.records[index]!;
    if (record.arrivalTime > until || (records.length > 0 && bytes + sizeOf(record) > limit.bytes)) break;
    records.push(record);
    bytes += sizeOf(record);
  }
  const isMore = index < shard.records.length;
  // An answer that ended for its stretch has come that far; one that is full, to its last record.
  const isFull = isMore && shard.records[index]!.arrivalTime <= until;
  const end = isFull ? (records.at(-1)?.arrivalTime ?? start) : Math.min(until, now);
  return {
    records,
    bytes,
    millisBehindLatest: Math.max(isMore ? 1 : 0, now - end),
    isEnd: !isMore && shard.closedAt !== undefined,
    next: { index, reached: end },
  };
}

export const sizeOf = ({ data, partitionKey }: Pick<StoredRecord, 'data' | 'partitionKey'>): number =>
  data.length + Buffer.byteLength(partitionKey);

export const describeRecord = ({ sequenceNumber, partitionKey, data, arrivalTime }: StoredRecord): object => ({
  SequenceNumber: sequenceNumber,
  PartitionKey: partitionKey,
  // Nobody changes what is stored.
  Data: new Uint8Array(data),
  ApproximateArrivalTimestamp: new Date(arrivalTime),
});

export const describeChild = (shard: StoredShard): object => ({
  ShardId: shard.shardId,
  ParentShards: shard.parents,
  HashKeyRange: hashKeyRangeOf(shard),
});
