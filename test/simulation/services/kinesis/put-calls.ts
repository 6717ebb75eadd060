/** PutRecord and PutRecords: each record on its own, taken or refused. */
import { createHash } from 'node:crypto';
import { type Input, streamOf, streamParameters, takeInput, textIn, type World } from './calls.ts';
import { overThroughput, refuse } from './errors.ts';
import { sizeOf } from './get-records-call.ts';
import { largestHash, type StoredRecord, type StoredShard, type StoredStream } from './stored-stream.ts';

const maxRecords = 500;
const maxRequestBytes = 10 * 1024 * 1024;

type Entry = {
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
};

const entryParameters = ['PartitionKey', 'ExplicitHashKey', 'Data'];

export function putRecord(world: World, given: unknown): object {
  const input = takeInput(given, [...streamParameters, ...entryParameters]);
  const stream = streamOf(world, input);
  const { shard, record } = put(world, stream, takeEntry(stream, input));
  if (record === undefined) throw overThroughput(`shard ${shard.shardId} in stream ${stream.name}`);
  return { ShardId: shard.shardId, SequenceNumber: record.sequenceNumber };
}

export function putRecords(world: World, given: unknown): object {
  const input = takeInput(given, [...streamParameters, 'Records']);
  const stream = streamOf(world, input);
  const entries = takeEntries(stream, input.Records);
  const results = entries.map((entry, at) => {
    const refusal = world.quirks.failsPut(at);
    if (refusal !== undefined) return { ErrorCode: refusal, ErrorMessage: 'Internal Service Failure' };
    const { shard, record } = put(world, stream, entry);
    if (record !== undefined) return { ShardId: shard.shardId, SequenceNumber: record.sequenceNumber };
    const { name, message } = overThroughput(`shard ${shard.shardId} in stream ${stream.name}`);
    return { ErrorCode: name, ErrorMessage: message };
  });
  return { Records: results, FailedRecordCount: results.filter((result) => 'ErrorCode' in result).length };
}

function put(
  world: World,
  stream: StoredStream,
  entry: Entry,
): { readonly shard: StoredShard; readonly record: StoredRecord | undefined } {
  const shard = stream.shardFor(hashOf(entry));
  const putAt = world.now();
  if (!shard.writes.take(sizeOf(entry), putAt)) return { shard, record: undefined };
  return { shard, record: stream.add(shard, { ...entry, putAt, arrivalTime: putAt + world.quirks.arrivalSkewMs() }) };
}

const known = new Map<string, bigint>();
const maxKnown = 10_000;

/** MD5 of the key's UTF-8, as a number of 128 bits. */
function hashOf({ partitionKey, explicitHashKey }: Entry): bigint {
  if (explicitHashKey !== undefined) return BigInt(explicitHashKey);
  let hash = known.get(partitionKey);
  if (hash === undefined) {
    if (known.size === maxKnown) known.clear();
    hash = BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
    known.set(partitionKey, hash);
  }
  return hash;
}

/** A request with anything wrong in it is refused whole. */
function takeEntries(stream: StoredStream, given: unknown): Entry[] {
  if (!Array.isArray(given) || given.length < 1 || given.length > maxRecords) {
    throw refuse(`Records must have 1 to ${maxRecords} members`);
  }
  const entries = given.map((entry) => takeEntry(stream, takeInput(entry, entryParameters)));
  const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (bytes > maxRequestBytes) throw refuse(`Records exceeds ${maxRequestBytes} bytes: ${bytes}`);
  return entries;
}

function takeEntry({ maxRecordBytes }: StoredStream, input: Input): Entry {
  const partitionKey = textIn(input, 'PartitionKey');
  if ([...partitionKey].length > 256) throw refuse('PartitionKey must have at most 256 characters');
  const { ExplicitHashKey, Data } = input;
  if (!(Data instanceof Uint8Array)) throw refuse('Data must be bytes');
  const entry = {
    partitionKey,
    explicitHashKey: ExplicitHashKey === undefined ? undefined : takeHashKey(ExplicitHashKey),
    // Who put it may use its buffer again.
    data: new Uint8Array(Data),
  };
  if (sizeOf(entry) > maxRecordBytes) throw refuse(`a record exceeds ${maxRecordBytes} bytes: ${sizeOf(entry)}`);
  return entry;
}

export function takeHashKey(given: unknown): string {
  if (typeof given === 'string' && /^(0|[1-9]\d{0,38})$/.test(given) && BigInt(given) <= largestHash) return given;
  throw refuse(`a hash key must be 0 to ${largestHash}, not ${JSON.stringify(given)}`);
}
