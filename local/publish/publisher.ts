/**
 * Publishes events to a stream as aggregated records, about a hundred events each.
 *
 * PUBLISH-1 The events of a shard arrive in the order they were given: at most one record per shard is under way.
 * PUBLISH-2 Memory is bounded: no more events are taken while a lane holds `maxReadyPacks`.
 * PUBLISH-3 A request whose answer was lost is not repeated blindly: the shard is asked first whether the record is there.
 * PUBLISH-4 Progress is no failure: only requests in a row after which nothing more is in the stream end a run.
 * PUBLISH-5 With a journal, a second run publishes exactly what the first did not.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand, type PutRecordsResultEntry } from '@aws-sdk/client-kinesis';
import type { PackedRecord } from '../../functions/core/pack-events.ts';
import { everyStreamTakes } from '../../functions/sinks/stream-record.ts';
import { LocalProblem } from '../local-problem.ts';
import { readShard } from '../services/stream-reader.ts';
import { openShards, type StreamTarget } from '../services/streams.ts';
import type { PublishJournal, PublishProgress } from './publish-journal.ts';
import { addToLane, flush, type Lane, openLanes, type PackSize, type ShardQueues } from './shard-queues.ts';

export type EventToPublish = {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  /** Of a file. */
  readonly line?: number;
};

export type PublishOptions = {
  /** One that tries once: see PUBLISH-3. */
  readonly client: KinesisClient;
  readonly stream: StreamTarget;
  /** In chunks. With `flush: 'each-chunk'` nothing of a chunk waits for the next one. */
  readonly events: AsyncIterable<readonly EventToPublish[]>;
  readonly flush?: 'when-full' | 'each-chunk';
  readonly journal?: PublishJournal | undefined;
  readonly maxEventsPerRecord?: number;
  /** The largest record of the stream, with its partition key. Default: 1 MiB. */
  readonly maxRecordBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Events acknowledged so far by this call. */
  readonly onPublished?: (events: number) => void;
};

export type PublishReport = {
  readonly kind: 'finished' | 'stopped';
  /** Events that this call published. */
  readonly events: number;
  readonly records: number;
  /** Events that an earlier run had published. */
  readonly eventsBefore: number;
};

const maxReadyPacks = 8;
const maxEntries = 500;
const maxRequestBytes = 4 * 1024 * 1024;
const maxFailures = 40;

type Work = PublishOptions & {
  readonly lanes: ShardQueues;
  readonly size: PackSize;
  readonly since: number;
  readonly eventsBefore: number;
  events: AsyncIterable<readonly EventToPublish[]>;
  publishedEvents: number;
  publishedRecords: number;
  failures: number;
};

export async function publish(options: PublishOptions): Promise<PublishReport> {
  const earlier = options.journal?.load();
  if (earlier?.finished === true) return { kind: 'finished', events: 0, records: 0, eventsBefore: earlier.events };

  const work = await begin(options, earlier);
  const flushesChunks = options.flush === 'each-chunk';
  for await (const chunk of options.events) {
    addToLanes(work, chunk);
    if (flushesChunks) flushAll(work);
    await drain(work, flushesChunks ? 0 : maxReadyPacks);
    if (options.signal?.aborted === true) return report(work, 'stopped');
  }
  flushAll(work);
  await drain(work, 0);
  if (options.signal?.aborted === true) return report(work, 'stopped');
  save(work, true);
  return report(work, 'finished');
}

function addToLanes({ lanes, size, maxRecordBytes = everyStreamTakes }: Work, chunk: readonly EventToPublish[]): void {
  for (const { data, partitionKey } of chunk) {
    const bytes = recordBytes({ data, partitionKey });
    if (bytes > maxRecordBytes) throw tooLarge(bytes, maxRecordBytes);
    addToLane(lanes.of(partitionKey), { data, partitionKey }, size);
  }
}

function flushAll({ lanes, size }: Work): void {
  for (const lane of lanes.all) flush(lane, size);
}

async function begin(options: PublishOptions, earlier: PublishProgress | undefined): Promise<Work> {
  const shards = await openShards(options.client, options.stream);
  const since = earlier?.since ?? Date.now();
  const lanes = openLanes(shards, since);
  if (earlier !== undefined) resume(lanes, earlier);
  const work: Work = {
    ...options,
    lanes,
    size: { maxEvents: options.maxEventsPerRecord ?? 100, maxBytes: 51_200 },
    since,
    eventsBefore: earlier?.events ?? 0,
    publishedEvents: 0,
    publishedRecords: 0,
    failures: 0,
  };
  // Before the first request, so that even that one can be recognised.
  if (earlier === undefined) save(work, false);
  return work;
}

function resume(lanes: ShardQueues, earlier: PublishProgress): void {
  const shardIds = new Set(lanes.all.map(({ shard }) => shard.shardId));
  if (
    Object.keys(earlier.shards).some((shardId) => !shardIds.has(shardId)) ||
    shardIds.size !== Object.keys(earlier.shards).length
  ) {
    throw new LocalProblem(
      'usage',
      'The stream has other shards than when publishing began, so it cannot go on where it stopped.',
    );
  }
  for (const lane of lanes.all) {
    const { packs, lastSequenceNumber } = earlier.shards[lane.shard.shardId]!;
    lane.packsToSkip = packs;
    lane.acknowledgedPacks = packs;
    lane.isUncertain = true;
    if (lastSequenceNumber !== undefined) acknowledgeUpTo(lane, lastSequenceNumber);
  }
}

/** Sends until no lane holds more than `limit` packs, one pack of each lane at a time. */
async function drain(work: Work, limit: number): Promise<void> {
  while (work.signal?.aborted !== true && work.lanes.all.some(({ ready }) => ready.length > limit)) {
    for (const lane of work.lanes.all) await settle(work, lane);
    const lanes = nextLanes(work.lanes.all);
    if (lanes.length === 0) continue;
    await send(work, lanes);
    save(work, false);
  }
}

/** Finds out whether the first pack of a lane has arrived, if that is not known. */
async function settle(work: Work, lane: Lane): Promise<void> {
  const pack = lane.ready[0];
  if (!lane.isUncertain || pack === undefined) return;
  const found = await find(work, lane, pack);
  lane.isUncertain = false;
  if (found === undefined) return;
  acknowledge(work, lane, found);
  save(work, false);
}

async function find(work: Work, lane: Lane, pack: PackedRecord): Promise<string | undefined> {
  for await (const records of readShard(work.client, work.stream, lane.shard.shardId, lane.lastSent)) {
    for (const { data, partitionKey, sequenceNumber } of records) {
      if (partitionKey === pack.partitionKey && Buffer.compare(data, pack.data) === 0) return sequenceNumber;
    }
  }
  return undefined;
}

function nextLanes(lanes: readonly Lane[]): readonly Lane[] {
  const chosen: Lane[] = [];
  let bytes = 0;
  // The fullest first: with more shards than fit into a request, none starves.
  for (const lane of [...lanes].sort((one, other) => other.ready.length - one.ready.length)) {
    const pack = lane.ready[0];
    if (pack === undefined || chosen.length === maxEntries) break;
    if (chosen.length > 0 && bytes + pack.data.length > maxRequestBytes) break;
    bytes += pack.data.length;
    chosen.push(lane);
  }
  return chosen;
}

async function send(work: Work, lanes: readonly Lane[]): Promise<void> {
  const entries = lanes.map(({ ready }) => ({ Data: ready[0]!.data, PartitionKey: ready[0]!.partitionKey }));
  try {
    const answer = await work.client.send(new PutRecordsCommand({ ...work.stream, Records: entries }));
    const results = answer.Records ?? [];
    for (const [index, lane] of lanes.entries()) take(work, lane, results[index]);
    if ((answer.FailedRecordCount ?? 0) > 0)
      await waitAfterFailure(work, results.find(({ ErrorCode }) => ErrorCode)?.ErrorMessage);
  } catch (error) {
    if (isRefusal(error)) throw error;
    for (const lane of lanes) lane.isUncertain = true;
    await waitAfterFailure(work, (error as Error).message);
  }
}

function take(work: Work, lane: Lane, result: PutRecordsResultEntry | undefined): void {
  if (result?.SequenceNumber !== undefined) acknowledge(work, lane, result.SequenceNumber);
}

function acknowledge(work: Work, lane: Lane, sequenceNumber: string): void {
  const pack = lane.ready.shift();
  if (pack === undefined) return;
  lane.acknowledgedPacks++;
  // Also a record that is found there: a server that is slow to answer is not one that refuses.
  work.failures = 0;
  acknowledgeUpTo(lane, sequenceNumber);
  work.publishedEvents += pack.count;
  work.publishedRecords++;
  work.onPublished?.(work.publishedEvents);
}

function acknowledgeUpTo(lane: Lane, sequenceNumber: string): void {
  lane.lastSequenceNumber = sequenceNumber;
  lane.lastSent = { kind: 'after', sequenceNumber };
}

async function waitAfterFailure(work: Work, reason: string | undefined): Promise<void> {
  if (++work.failures > maxFailures) {
    throw new LocalProblem(
      'unreachable',
      `Kinesis has refused ${maxFailures} requests in a row: ${reason ?? 'no reason given'}.`,
    );
  }
  await sleep(Math.min(2_000, 50 * 2 ** Math.min(work.failures, 6)) * (0.5 + Math.random() / 2));
}

/** The request is wrong: it had no effect, and will not have one the next time. */
function isRefusal(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return (
    status !== undefined &&
    status >= 400 &&
    status < 500 &&
    (error as Error).name !== 'ProvisionedThroughputExceededException'
  );
}

function save(work: Work, finished: boolean): void {
  work.journal?.save({
    v: 1,
    since: work.since,
    events: work.eventsBefore + work.publishedEvents,
    finished,
    shards: Object.fromEntries(
      work.lanes.all.map(({ shard, acknowledgedPacks, lastSequenceNumber }) => [
        shard.shardId,
        { packs: acknowledgedPacks, ...(lastSequenceNumber === undefined ? {} : { lastSequenceNumber }) },
      ]),
    ),
  });
}

function report(work: Work, kind: PublishReport['kind']): PublishReport {
  return { kind, events: work.publishedEvents, records: work.publishedRecords, eventsBefore: work.eventsBefore };
}

/** What Kinesis counts. */
export function recordBytes({ data, partitionKey }: Pick<EventToPublish, 'data' | 'partitionKey'>): number {
  return data.length + Buffer.byteLength(partitionKey);
}

function tooLarge(bytes: number, limit: number): LocalProblem {
  return new LocalProblem('usage', `An event has ${bytes} bytes with its partition key; the stream takes ${limit}.`);
}
