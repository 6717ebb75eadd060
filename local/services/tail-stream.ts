/**
 * Follows a stream, shard by shard.
 *
 * TAIL-1 A shard is read when those that it came from are read to their end: records of a key come in their order, across splits and
 *    merges.
 * TAIL-2 What is there at the beginning is read from the place that was asked for; what comes out of splits and merges later, from its
 *    first record.
 * TAIL-3 Each shard is asked once in a round, so none waits for another that has more. A round that brings nothing is followed by a
 *    pause.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient, type Shard } from '@aws-sdk/client-kinesis';
import type { SinkRecord } from './stream-reader.ts';
import { listShards, type StreamTarget } from './streams.ts';

export type TailedRecord = SinkRecord & {
  /** Epoch ms; null where the server does not say. */
  readonly arrivalTime: number | null;
};

export type TailFrom =
  | { readonly kind: 'latest' }
  | { readonly kind: 'trim-horizon' }
  | { readonly kind: 'at-timestamp'; readonly timestamp: number };

export type TailOptions = {
  readonly from: TailFrom;
  readonly signal: AbortSignal;
  /** End when everything that is there was read. */
  readonly untilCaughtUp?: boolean;
  /** Most records of an answer. Default: what Kinesis gives. */
  readonly limit?: number;
  /** Between rounds that bring nothing: 1,000 ms, since a shard answers five requests a second, to all of its readers. */
  readonly pauseMs?: number;
  /** Once each shard that is there at the beginning has its place: what is put from now on is seen. */
  readonly onPlaced?: () => void;
};

type Place = TailFrom | { readonly kind: 'after'; readonly sequenceNumber: string };

type ShardTail = { readonly shardId: string; place: Place; iterator: string | undefined; isAtTip: boolean };

export async function* tailStream(
  client: KinesisClient,
  stream: StreamTarget,
  options: TailOptions,
): AsyncGenerator<readonly TailedRecord[]> {
  const { signal, untilCaughtUp = false, pauseMs = 1_000 } = options;
  const known: Known = { started: new Set(), ended: new Set() };
  let open = firstTails(await listShards(client, stream), options.from, known);
  for (const tail of open) tail.iterator = await iteratorOf(client, stream, tail);
  options.onPlaced?.();
  while (!signal.aborted) {
    const endedBefore = known.ended.size;
    let isEmpty = true;
    for await (const records of oneRound(client, stream, { open, known, options })) {
      isEmpty = false;
      yield records;
    }
    const next = known.ended.size > endedBefore ? nextTails(await listShards(client, stream), options.from, known) : [];
    open = [...open.filter(({ shardId }) => !known.ended.has(shardId)), ...next];
    if (untilCaughtUp && next.length === 0 && open.every(({ isAtTip }) => isAtTip)) return;
    if (isEmpty && next.length === 0) await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}

type Round = { readonly open: readonly ShardTail[]; readonly known: Known; readonly options: TailOptions };

async function* oneRound(
  client: KinesisClient,
  stream: StreamTarget,
  { open, known, options }: Round,
): AsyncGenerator<readonly TailedRecord[]> {
  for (const tail of open) {
    if (options.signal.aborted) return;
    const { records, isOver } = await ask(client, stream, tail, options.limit);
    if (isOver) known.ended.add(tail.shardId);
    if (records.length > 0) yield records;
  }
}

type Known = { readonly started: Set<string>; readonly ended: Set<string> };

/** From LATEST on, shards that are closed hold nothing any more. */
function firstTails(shards: readonly Shard[], from: TailFrom, known: Known): ShardTail[] {
  if (from.kind !== 'latest') return nextTails(shards, from, known);
  for (const shard of shards) {
    known.started.add(shard.ShardId!);
    if (shard.SequenceNumberRange?.EndingSequenceNumber !== undefined) known.ended.add(shard.ShardId!);
  }
  return shards.filter(({ ShardId }) => !known.ended.has(ShardId!)).map(({ ShardId }) => tailOf(ShardId!, from));
}

/** Those whose parents are read, or gone. */
function nextTails(shards: readonly Shard[], from: TailFrom, { started, ended }: Known): ShardTail[] {
  const listed = new Set(shards.map(({ ShardId }) => ShardId));
  const isRead = (parent: string | undefined): boolean =>
    parent === undefined || !listed.has(parent) || ended.has(parent);
  const next = shards.filter(
    ({ ShardId, ParentShardId, AdjacentParentShardId }) =>
      !started.has(ShardId!) && isRead(ParentShardId) && isRead(AdjacentParentShardId),
  );
  for (const { ShardId } of next) started.add(ShardId!);
  // What comes later than the time is read from its first record by it, too.
  return next.map(({ ShardId }) => tailOf(ShardId!, from.kind === 'latest' ? { kind: 'trim-horizon' } : from));
}

const tailOf = (shardId: string, place: Place): ShardTail => ({ shardId, place, iterator: undefined, isAtTip: false });

async function ask(
  client: KinesisClient,
  stream: StreamTarget,
  tail: ShardTail,
  limit: number | undefined,
): Promise<{ readonly records: readonly TailedRecord[]; readonly isOver: boolean }> {
  tail.iterator ??= await iteratorOf(client, stream, tail);
  const owner = 'StreamARN' in stream ? stream : {};
  const input = { ...owner, ShardIterator: tail.iterator, ...(limit === undefined ? {} : { Limit: limit }) };
  const answer = await client.send(new GetRecordsCommand(input)).catch((error: unknown) => {
    // Whoever reads slowly lets it lie for more than five minutes.
    if ((error as Error).name !== 'ExpiredIteratorException') throw error;
    tail.iterator = undefined;
  });
  if (answer === undefined) return { records: [], isOver: false };
  const records = (answer.Records ?? []).map((record) => ({
    shardId: tail.shardId,
    sequenceNumber: record.SequenceNumber ?? '',
    partitionKey: record.PartitionKey ?? '',
    data: record.Data ?? new Uint8Array(),
    arrivalTime: record.ApproximateArrivalTimestamp?.getTime() ?? null,
  }));
  const last = records.at(-1);
  if (last !== undefined) tail.place = { kind: 'after', sequenceNumber: last.sequenceNumber };
  tail.iterator = answer.NextShardIterator;
  // A server may say 0 although more records follow, so only an empty answer is the tip.
  tail.isAtTip = records.length === 0 && (answer.MillisBehindLatest ?? 0) === 0;
  return { records, isOver: answer.NextShardIterator === undefined };
}

async function iteratorOf(client: KinesisClient, stream: StreamTarget, tail: ShardTail) {
  const askedAt = Date.now();
  const answer = await client.send(
    new GetShardIteratorCommand({ ...stream, ShardId: tail.shardId, ...typeOf(tail.place) }),
  );
  // Should this iterator expire, another LATEST would be later.
  if (tail.place.kind === 'latest') tail.place = { kind: 'at-timestamp', timestamp: askedAt };
  return answer.ShardIterator;
}

function typeOf(place: Place) {
  switch (place.kind) {
    case 'latest':
      return { ShardIteratorType: 'LATEST' } as const;
    case 'trim-horizon':
      return { ShardIteratorType: 'TRIM_HORIZON' } as const;
    case 'at-timestamp':
      return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(place.timestamp) } as const;
    case 'after':
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: place.sequenceNumber } as const;
  }
}
