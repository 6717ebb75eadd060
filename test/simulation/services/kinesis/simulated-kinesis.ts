/**
 * Kinesis on virtual time, in memory: the calls, limits and errors that the adapters rely on. The same calls at the same
 * times give the same answers. What it does not know ends the test and is never passed over.
 */
import type { Random } from '../../random.ts';
import { type Quirks, streamOf, type World } from './calls.ts';
import {
  deregisterStreamConsumer,
  describeStreamConsumer,
  listStreamConsumers,
  registerStreamConsumer,
} from './consumer-calls.ts';
import { notSimulated } from './errors.ts';
import { getRecords } from './get-records-call.ts';
import { getShardIterator } from './iterator.ts';
import { CallLimit } from './limits.ts';
import { listShards } from './list-shards-call.ts';
import { putRecord, putRecords } from './put-calls.ts';
import { mergeShards, splitShard, updateShardCount } from './reshard-calls.ts';
import type { NumberStyle } from './sequence-number.ts';
import type { StoredStream } from './stored-stream.ts';
import {
  addStream,
  changeRetention,
  createStream,
  deleteStream,
  describeStreamSummary,
  listStreams,
  updateMaxRecordSize,
} from './stream-calls.ts';
import { subscribeToShard } from './subscribe-call.ts';
import { listTagsForResource, tagResource } from './tag-calls.ts';

export type { Quirks } from './calls.ts';
export type { StoredRecord, StoredShard, StoredStream } from './stored-stream.ts';

type Call = (world: World, input: unknown) => object;

const calls: Readonly<Record<string, Call>> = {
  CreateStream: createStream,
  DeleteStream: deleteStream,
  ListStreams: listStreams,
  DescribeStreamSummary: describeStreamSummary,
  IncreaseStreamRetentionPeriod: (world, input) => changeRetention(world, input, 'longer'),
  DecreaseStreamRetentionPeriod: (world, input) => changeRetention(world, input, 'shorter'),
  UpdateMaxRecordSize: updateMaxRecordSize,
  ListShards: listShards,
  SplitShard: splitShard,
  MergeShards: mergeShards,
  UpdateShardCount: updateShardCount,
  PutRecord: putRecord,
  PutRecords: putRecords,
  GetShardIterator: getShardIterator,
  GetRecords: getRecords,
  RegisterStreamConsumer: registerStreamConsumer,
  DescribeStreamConsumer: describeStreamConsumer,
  DeregisterStreamConsumer: deregisterStreamConsumer,
  ListStreamConsumers: listStreamConsumers,
  SubscribeToShard: subscribeToShard,
  TagResource: tagResource,
  ListTagsForResource: listTagsForResource,
};

const dayMs = 86_400_000;

export class SimulatedKinesis {
  readonly quirks: Quirks = {
    arrivalSkewMs: () => 0,
    listingAgeMs: 0,
    pageShards: Number.POSITIVE_INFINITY,
    stretchMs: Number.POSITIVE_INFINITY,
    pageRecords: Number.POSITIVE_INFINITY,
    failsReads: () => false,
    refusesTrimmed: false,
    refusesContinuations: false,
    pushMs: 70,
    idleEventMs: 1_000,
    consumerMs: [1_000, 8_000],
    failsPut: () => undefined,
  };
  readonly #world: World;
  readonly #first = new Map<string, StoredStream>();
  #streams = 0;

  constructor(parts: { readonly now: () => number; readonly random: Random }) {
    this.#world = {
      streams: new Map(),
      quirks: this.quirks,
      random: parts.random,
      now: parts.now,
      registrations: new CallLimit(),
      nextStream: () => this.#streams++,
    };
  }

  get now(): number {
    return this.#world.now();
  }

  /** Ready at once; with a retention in milliseconds, of a day if none is given. */
  createStream(
    name: string,
    options: {
      readonly shards: number;
      readonly retentionMs?: number;
      readonly recordsASecond?: number | undefined;
      readonly numbers?: NumberStyle | undefined;
    },
  ): void {
    addStream(this.#world, { name, retentionMs: dayMs, ...options });
    if (!this.#first.has(name)) this.#first.set(name, this.truth(name));
  }

  /** One call, in the shapes of @aws-sdk/client-kinesis. Throws ServiceError. */
  execute(operation: string, input: unknown): object {
    const call = calls[operation];
    if (call === undefined) throw notSimulated(operation);
    return call(this.#world, input);
  }

  /** The stream that first had this name, also when it is gone. */
  first(name: string): StoredStream {
    const stream = this.#first.get(name) ?? this.truth(name);
    if (this.isThere(stream)) stream.trim(this.now);
    return stream;
  }

  /** Neither deleted nor another one by now. */
  isThere(stream: StoredStream): boolean {
    return this.#world.streams.get(stream.name) === stream;
  }

  /** For the checks: the stream as it is, without a call. */
  truth(name: string): StoredStream {
    return streamOf(this.#world, { StreamName: name });
  }
}
