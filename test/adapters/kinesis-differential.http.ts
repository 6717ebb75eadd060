/**
 * The embedded and the simulated Kinesis side by side: programs of puts, splits, merges and reads have equal answers and
 * equal error names on both and leave equal shards, but for the listed differences, of which each is shown.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kinesisClient, localCredentials } from '../../local/services/clients.ts';
import { type EmbeddedKinesis, startEmbeddedKinesis } from '../../local/services/embedded-kinesis.ts';
import { Random } from '../simulation/random.ts';
import { type Quirks, SimulatedKinesis } from '../simulation/services/kinesis/simulated-kinesis.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { noon, utf8 } from '../support/builders.ts';
import { region } from '../support/world.ts';
import { type DifferenceName, differences } from './kinesis-differences.ts';

const sides = ['embedded', 'simulated'] as const;
type Side = (typeof sides)[number];
type Both<Value> = Readonly<Record<Side, Value>>;

/** Between two calls on the simulated side: long enough for no limit to matter. */
const longPauseMs = 1000;
let pauseMs = longPauseMs;
let now = noon;
const simulated = new SimulatedKinesis({ now: () => now, random: new Random(1) });
const usual: Quirks = { ...simulated.quirks };
let server: EmbeddedKinesis;
let clients: Both<KinesisClient>;
beforeAll(async () => {
  server = await startEmbeddedKinesis();
  clients = {
    embedded: kinesisClient({ endpoint: server.endpoint, region, credentials: localCredentials, maxAttempts: 1 }),
    simulated: serviceClient<KinesisClient>((operation, input) => simulated.execute(operation, input), {
      date: () => now,
    }),
  };
});
beforeEach(() => {
  pauseMs = longPauseMs;
  Object.assign(simulated.quirks, usual);
});
afterAll(async () => {
  clients.embedded.destroy();
  await server.stop();
});

const commands = {
  CreateStream: CreateStreamCommand,
  DeleteStream: DeleteStreamCommand,
  DescribeStreamSummary: DescribeStreamSummaryCommand,
  GetRecords: GetRecordsCommand,
  GetShardIterator: GetShardIteratorCommand,
  IncreaseStreamRetentionPeriod: IncreaseStreamRetentionPeriodCommand,
  ListShards: ListShardsCommand,
  MergeShards: MergeShardsCommand,
  PutRecord: PutRecordCommand,
  PutRecords: PutRecordsCommand,
  SplitShard: SplitShardCommand,
};
type Operation = keyof typeof commands;
type Outcome<Answer = unknown> = { readonly answer?: Answer; readonly error?: string };

async function outcomeOf<Answer>(side: Side, operation: Operation, input: object): Promise<Outcome<Answer>> {
  const Command = commands[operation] as new (given: object) => DescribeStreamSummaryCommand;
  if (side === 'simulated') now += pauseMs;
  try {
    const { $metadata: _, ...answer } = await clients[side].send(new Command(input));
    return { answer: answer as Answer };
  } catch (error) {
    return { error: (error as Error).name };
  }
}

/** What a call is given may be of the side: numbers, iterators and tokens are. */
type InputOf = object | ((side: Side) => object);
async function onBoth<Answer = object>(operation: Operation, input: InputOf): Promise<Both<Outcome<Answer>>> {
  const of = (side: Side) => (typeof input === 'function' ? input(side) : input);
  return {
    embedded: await outcomeOf<Answer>('embedded', operation, of('embedded')),
    simulated: await outcomeOf<Answer>('simulated', operation, of('simulated')),
  };
}

const idOf = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`;
const largestHash = 2n ** 128n - 1n;
const middle = 2n ** 127n;

async function newStream(shards = 1): Promise<string> {
  const StreamName = `stream-${randomUUID()}`;
  await onBoth('CreateStream', { StreamName, ShardCount: shards });
  await untilSettled(StreamName);
  return StreamName;
}

/** The embedded stream is ACTIVE again, or gone. */
async function untilSettled(StreamName: string): Promise<void> {
  type Summary = { readonly StreamDescriptionSummary: { readonly StreamStatus: string } };
  for (;;) {
    const { answer } = await outcomeOf<Summary>('embedded', 'DescribeStreamSummary', { StreamName });
    if (answer === undefined || answer.StreamDescriptionSummary.StreamStatus === 'ACTIVE') return;
    await sleep(5);
  }
}

type Numbered = { readonly ShardId: string; readonly SequenceNumber: string };
const put = (StreamName: string, text: string, input: object = {}) =>
  onBoth<Numbered>('PutRecord', { StreamName, PartitionKey: 'k', ExplicitHashKey: '0', Data: utf8(text), ...input });

async function change(operation: 'SplitShard' | 'MergeShards', StreamName: string, input: object) {
  const both = await onBoth(operation, { StreamName, ...input });
  await untilSettled(StreamName);
  return both;
}
const split = (stream: string, shard: number, at: bigint) =>
  change('SplitShard', stream, { ShardToSplit: idOf(shard), NewStartingHashKey: String(at) });
const merge = (stream: string, shard: number, other: number) =>
  change('MergeShards', stream, { ShardToMerge: idOf(shard), AdjacentShardToMerge: idOf(other) });

type Iterators = Both<string | undefined>;
const of = <Value, Part>({ embedded, simulated: other }: Both<Value>, part: (value: Value) => Part): Both<Part> => ({
  embedded: part(embedded),
  simulated: part(other),
});
async function iteratorsAt(StreamName: string, shard = 0, place: InputOf = { ShardIteratorType: 'TRIM_HORIZON' }) {
  const both = await onBoth<{ readonly ShardIterator: string }>('GetShardIterator', (side) => ({
    StreamName,
    ShardId: idOf(shard),
    ...(typeof place === 'function' ? place(side) : place),
  }));
  return of(both, ({ answer }) => answer?.ShardIterator);
}
const read = (iterators: Iterators, Limit?: number) =>
  onBoth<GetRecordsOutput>('GetRecords', (side) => ({ ShardIterator: iterators[side], Limit }));
const textsOf = ({ answer }: Outcome<GetRecordsOutput>) =>
  answer?.Records?.map(({ Data }) => Buffer.from(Data!).toString());
const textsAt = async (StreamName: string, shard = 0) => of(await read(await iteratorsAt(StreamName, shard)), textsOf);

type Listing = { readonly Shards: readonly { readonly ShardId: string }[]; readonly NextToken?: string };
const list = (input: InputOf) => onBoth<Listing>('ListShards', input);
const shardsOf = ({ answer, error }: Outcome<Listing>) =>
  answer?.Shards.map(({ ShardId }) => Number(ShardId.slice(-6))) ?? error;

// What programs are made of keeps away from the listed differences.

/** Numbers and iterators are of the side; whether there is one is not. */
const ownNames = new Set([
  ...['SequenceNumber', 'StartingSequenceNumber', 'EndingSequenceNumber'],
  ...['ShardIterator', 'NextShardIterator', 'ApproximateArrivalTimestamp'],
]);
const passedOver = new Set(['MillisBehindLatest', 'EncryptionType', 'ErrorMessage']);

const comparable = (outcome: Outcome): unknown =>
  JSON.parse(
    JSON.stringify(outcome, (name, value) => {
      if (passedOver.has(name)) return undefined;
      if (ownNames.has(name) && value !== undefined) return name;
      if (name === 'ParentShards') return [...value].sort();
      return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
    }),
  );

const seen = new Map<string, number>();

class Program {
  readonly stream: string;
  readonly #random: Random;
  /** By shard, in the order they were put. */
  readonly #numbers = new Map<string, Both<string>[]>();
  /** By key, in the order they were put. */
  readonly #texts = new Map<string, string[]>();
  #count = 0;

  constructor(stream: string, random: Random) {
    this.stream = stream;
    this.#random = random;
  }

  async step(): Promise<void> {
    const step = this.#random.weighted([
      [6, () => this.#put()],
      [3, () => this.#putAll()],
      [2, () => this.#split()],
      [2, () => this.#merge()],
      [5, () => this.#read()],
      [1, () => this.#list()],
      [2, () => this.#wrong()],
    ]);
    await step();
  }

  /** Both shards by shard, and every key in the order it was put, parents before children. */
  async checkShards(): Promise<void> {
    const texts: string[] = [];
    for (const { shardId } of simulated.truth(this.stream).shards) {
      const both = await textsAt(this.stream, Number(shardId.slice(-12)));
      expect(both.simulated, shardId).toEqual(both.embedded);
      texts.push(...both.simulated!);
    }
    for (const [key, expected] of this.#texts)
      expect(texts.filter((text) => text.startsWith(`${key}:`))).toEqual(expected);
    expect(texts).toHaveLength(this.#count);
  }

  #same<Answer>(what: string, both: Both<Outcome<Answer>>): Both<Outcome<Answer>> {
    const context = `step ${what} after ${this.#count} records`;
    expect(comparable(both.simulated), context).toEqual(comparable(both.embedded));
    const kind = `${what.split(' ')[0]} ${both.embedded.error ?? 'answered'}`;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    return both;
  }

  #entry() {
    const random = this.#random;
    const isByHash = random.chance(0.4);
    const key = isByHash
      ? random.pick(['0', '1', String(middle - 1n), String(middle), String(largestHash)])
      : `key-${random.int(0, 9)}`;
    const text = `${key}:${this.#count++}`;
    this.#texts.set(key, [...(this.#texts.get(key) ?? []), text]);
    return { PartitionKey: key, ...(isByHash ? { ExplicitHashKey: key } : {}), Data: utf8(text) };
  }

  async #put(): Promise<void> {
    const both = this.#same('put', await onBoth<Numbered>('PutRecord', { StreamName: this.stream, ...this.#entry() }));
    this.#note({ embedded: both.embedded.answer!, simulated: both.simulated.answer! });
  }

  async #putAll(): Promise<void> {
    const Records = Array.from({ length: this.#random.int(1, 6) }, () => this.#entry());
    const both = await onBoth<{ readonly Records: readonly Numbered[] }>('PutRecords', {
      StreamName: this.stream,
      Records,
    });
    this.#same('putAll', both);
    for (const at of Records.keys()) this.#note(of(both, ({ answer }) => answer!.Records[at]!));
  }

  #note(both: Both<Numbered>): void {
    const { ShardId } = both.simulated;
    const numbers = this.#numbers.get(ShardId) ?? [];
    this.#numbers.set(ShardId, [...numbers, of(both, ({ SequenceNumber }) => SequenceNumber)]);
  }

  #hash(): bigint {
    const random = this.#random;
    return Array.from({ length: 4 }, () => BigInt(random.int(0, 0xffff_ffff))).reduce(
      (sum, word) => (sum << 32n) + word,
    );
  }

  /** Mostly of an open shard where it can be done; else of any, or of none, at any hash key. */
  async #split(): Promise<void> {
    const { shards, openShards } = simulated.truth(this.stream);
    const isPossible = this.#random.chance(0.7);
    const { number, hashRange } = this.#random.pick(isPossible ? openShards : shards);
    const size = hashRange.end - hashRange.start;
    const at = isPossible && size > 0n ? hashRange.start + 1n + (this.#hash() % size) : this.#hash();
    const shard = this.#random.chance(0.1) ? shards.length : number;
    this.#same(`split ${shard} at ${at}`, await split(this.stream, shard, at));
  }

  async #merge(): Promise<void> {
    const { shards, openShards } = simulated.truth(this.stream);
    const isPossible = openShards.length > 1 && this.#random.chance(0.7);
    const by = [...(isPossible ? openShards : shards)].sort((one, other) =>
      one.hashRange.start < other.hashRange.start ? -1 : 1,
    );
    const at = this.#random.int(0, Math.max(0, by.length - 2));
    const low = by[at]!;
    const high = isPossible ? by[at + 1]! : this.#random.pick(by.slice(at));
    this.#same(`merge ${low.number} with ${high.number}`, await merge(this.stream, low.number, high.number));
  }

  async #read(): Promise<void> {
    const { shardId, number } = this.#random.pick(simulated.truth(this.stream).shards);
    const numbers = this.#numbers.get(shardId) ?? [];
    const ShardIteratorType = this.#random.pick(
      numbers.length === 0
        ? ['TRIM_HORIZON', 'LATEST']
        : ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'],
    );
    const record = numbers.length === 0 ? undefined : this.#random.pick(numbers);
    let iterators: Iterators = await iteratorsAt(this.stream, number, (side) => ({
      ShardIteratorType,
      ...(ShardIteratorType.endsWith('_NUMBER') ? { StartingSequenceNumber: record![side] } : {}),
    }));
    const limit = this.#random.int(1, 5);
    for (let page = 0; page < 5 && iterators.simulated !== undefined; page++) {
      const both = this.#same(`read ${ShardIteratorType} of ${number}`, await read(iterators, limit));
      iterators = of(both, ({ answer }) => answer?.NextShardIterator);
    }
  }

  async #list(): Promise<void> {
    const ShardFilter = this.#random.pick([undefined, { Type: 'AT_LATEST' }, { Type: 'FROM_TRIM_HORIZON' }]);
    const ExclusiveStartShardId = this.#random.pick([undefined, idOf(0)]);
    this.#same('list', await list({ StreamName: this.stream, ShardFilter, ExclusiveStartShardId }));
  }

  async #wrong(): Promise<void> {
    const StreamName = this.stream;
    const record = { StreamName, PartitionKey: 'k', Data: utf8('wrong') };
    const place = { StreamName, ShardId: idOf(0) };
    const calls: readonly (readonly [Operation, object])[] = [
      ['PutRecord', { ...record, PartitionKey: '' }],
      ['PutRecord', { ...record, PartitionKey: 'k'.repeat(257) }],
      ['PutRecord', { ...record, ExplicitHashKey: '007' }],
      ['PutRecord', { ...record, ExplicitHashKey: String(largestHash + 1n) }],
      ['PutRecord', { ...record, StreamName: 'absent' }],
      ['PutRecords', { StreamName: 'absent', Records: [{ PartitionKey: 'k', Data: utf8('wrong') }] }],
      ['GetShardIterator', { ...place, ShardIteratorType: 'LATEST', ShardId: idOf(999) }],
      ['GetShardIterator', { ...place, ShardIteratorType: 'LATEST', StreamName: 'absent' }],
      ['GetShardIterator', { ...place, ShardIteratorType: 'AT_TIMESTAMP' }],
      ['GetShardIterator', { ...place, ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(2 ** 42) }],
      ['GetShardIterator', { ...place, ShardIteratorType: 'AT_SEQUENCE_NUMBER' }],
      ['GetShardIterator', { ...place, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: 'letters' }],
      ['ListShards', { StreamName: 'absent' }],
      ['ListShards', { StreamName, ShardFilter: { Type: 'AT_TIMESTAMP' } }],
      ['ListShards', { StreamName, ShardFilter: { Type: 'AFTER_SHARD_ID' } }],
      ['ListShards', { StreamName, NextToken: `${StreamName}::${idOf(0)}` }],
      ['ListShards', { NextToken: 'token' }],
      ['CreateStream', { StreamName, ShardCount: 1 }],
      ['CreateStream', { StreamName: 'not/a/name', ShardCount: 1 }],
      ['DeleteStream', { StreamName: 'absent' }],
      ['IncreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 8761 }],
      ['SplitShard', { StreamName, ShardToSplit: idOf(999), NewStartingHashKey: '5' }],
      ['MergeShards', { StreamName, ShardToMerge: idOf(999), AdjacentShardToMerge: idOf(998) }],
    ];
    const [operation, input] = this.#random.pick(calls);
    const both = this.#same(`wrong ${operation}`, await onBoth(operation, input));
    expect(both.simulated.error, operation).toBeDefined();
  }
}

describe('a program', () => {
  it.each(Array.from({ length: 20 }, (_, index) => index + 1))('of seed %i leaves the same in both', async (seed) => {
    const program = new Program(await newStream(), new Random(seed));
    for (let step = 0; step < 20; step++) await program.step();
    await program.checkShards();
  });

  it('came to all it can come to', () => {
    for (const [kind, least] of [
      ['put answered', 20],
      ['putAll answered', 20],
      ['split answered', 20],
      ['split InvalidArgumentException', 1],
      ['split ResourceInUseException', 1],
      ['split ResourceNotFoundException', 1],
      ['merge answered', 10],
      ['merge InvalidArgumentException', 1],
      ['merge ResourceInUseException', 1],
      ['read answered', 100],
      ['list answered', 10],
      ['wrong InvalidArgumentException', 5],
      ['wrong ResourceNotFoundException', 5],
    ] as const)
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThanOrEqual(least);
  });
});

describe('the listed differences', () => {
  const done = { answer: {} };
  const invalid = { error: 'InvalidArgumentException' };
  const notFound = { error: 'ResourceNotFoundException' };
  const inUse = { error: 'ResourceInUseException' };
  const errorsOf = <Answer>(outcomes: readonly Both<Outcome<Answer>>[]) => ({
    embedded: outcomes.map(({ embedded }) => embedded.error),
    simulated: outcomes.map(({ simulated: other }) => other.error),
  });
  const answersOf = <Answer>(both: Both<Outcome<Answer>>) => of(both, ({ answer }) => answer!);
  const records = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ PartitionKey: 'k', ExplicitHashKey: '0', Data: utf8(`${at}`) }));
  type Results = { readonly FailedRecordCount: number; readonly Records: readonly { readonly ErrorCode?: string }[] };
  const putAll = (StreamName: string, count: number) =>
    onBoth<Results>('PutRecords', { StreamName, Records: records(count) });
  const failedOf = ({ answer, error }: Outcome<Results>) => answer?.FailedRecordCount ?? error;

  const shows: Record<DifferenceName, () => Promise<void>> = {
    async 'states of a stream'() {
      const splitAll = async () => {
        const StreamName = await newStream(8);
        const changes = Array.from({ length: 8 }, (_, shard) => {
          const NewStartingHashKey = String(2n ** 124n * BigInt(2 * shard + 1));
          return onBoth('SplitShard', { StreamName, ShardToSplit: idOf(shard), NewStartingHashKey });
        });
        return errorsOf(await Promise.all(changes));
      };
      let errors = await splitAll();
      for (let tries = 0; tries < 20 && !errors.embedded.includes(inUse.error); tries++) errors = await splitAll();
      expect(new Set(errors.embedded)).toEqual(new Set([undefined, inUse.error]));
      expect(errors.simulated).toEqual(Array(8).fill(undefined));
    },
    async 'limits of throughput'() {
      const StreamName = await newStream();
      const places = await iteratorsAt(StreamName);
      pauseMs = 0;
      const reads = [];
      for (let count = 0; count < 6; count++) reads.push(await read(places));
      const opened = [];
      for (let count = 0; count < 6; count++) opened.push((await iteratorsAt(StreamName)).simulated);
      const puts = [];
      for (let count = 0; count < 3; count++) puts.push(of(await putAll(StreamName, 400), failedOf));
      expect(errorsOf(reads)).toEqual({
        embedded: Array(6).fill(undefined),
        simulated: [...Array(5).fill(undefined), 'ProvisionedThroughputExceededException'],
      });
      expect(opened.at(-1)).toBeUndefined();
      expect(puts).toEqual([0, 0, 200].map((failed) => ({ embedded: 0, simulated: failed })));
    },
    async 'records of a request'() {
      const StreamName = await newStream();
      for (const count of [0, 501]) {
        const both = await putAll(StreamName, count);
        expect(both).toMatchObject({ embedded: { answer: { FailedRecordCount: 0 } }, simulated: invalid });
      }
    },
    async 'failures of single records'() {
      simulated.quirks.failsPut = (index) => (index === 1 ? 'InternalFailure' : undefined);
      const both = await putAll(await newStream(), 3);
      expect(of(both, failedOf)).toEqual({ embedded: 0, simulated: 1 });
      expect(both.simulated.answer!.Records[1]!.ErrorCode).toBe('InternalFailure');
    },
    async 'failures of reads'() {
      const StreamName = await newStream();
      await putAll(StreamName, 3);
      const places = await iteratorsAt(StreamName);
      simulated.quirks.pageRecords = 2;
      expect(of(await read(places), textsOf)).toEqual({ embedded: ['0', '1', '2'], simulated: ['0', '1'] });
      simulated.quirks.failsReads = () => true;
      expect(errorsOf([await read(places)])).toEqual({ embedded: [undefined], simulated: ['InternalFailure'] });
    },
    async 'empty answers'() {
      const StreamName = await newStream();
      await put(StreamName, 'a');
      simulated.quirks.stretchMs = 60_000;
      const both = await read(await iteratorsAt(StreamName));
      expect(of(both, textsOf)).toEqual({ embedded: ['a'], simulated: [] });
      expect(both.simulated.answer!.MillisBehindLatest).toBeGreaterThan(3_600_000);
    },
    async stamps() {
      const StreamName = await newStream();
      const skews = [5000, -5000];
      simulated.quirks.arrivalSkewMs = () => skews.shift()!;
      await putAll(StreamName, 2);
      const both = await read(await iteratorsAt(StreamName));
      const isInOrder = of(both, ({ answer }) => {
        const [first, second] = answer!.Records!.map((record) => record.ApproximateArrivalTimestamp!.getTime());
        return first! <= second!;
      });
      expect(isInOrder).toEqual({ embedded: true, simulated: false });
    },
    async 'old listings'() {
      const StreamName = await newStream();
      await split(StreamName, 0, middle);
      simulated.quirks.listingAgeMs = 60_000;
      expect(of(await list({ StreamName }), shardsOf)).toEqual({ embedded: [0, 1, 2], simulated: [0] });
    },
    async 'pages of listings'() {
      const both = await list({ StreamName: await newStream(150), MaxResults: 1000 });
      expect(of(answersOf(both), ({ Shards, NextToken }) => [Shards.length, NextToken !== undefined])).toEqual({
        embedded: [100, true],
        simulated: [150, false],
      });
    },
    async 'filter of later pages'() {
      const StreamName = await newStream(3);
      await split(StreamName, 1, middle);
      const first = await list({ StreamName, ShardFilter: { Type: 'AT_LATEST' }, MaxResults: 1 });
      const second = await list((side) => ({ NextToken: first[side].answer!.NextToken }));
      expect(of(first, shardsOf)).toEqual({ embedded: [0], simulated: [0] });
      expect(of(second, shardsOf)).toEqual({ embedded: [1, 2, 3, 4], simulated: [2, 3, 4] });
    },
    async 'tokens of listings'() {
      const StreamName = await newStream(3);
      const invented = await list({ NextToken: `${StreamName}::${idOf(0)}` });
      expect(of(invented, shardsOf)).toEqual({ embedded: [1, 2], simulated: invalid.error });
      const { simulated: page } = await list({ StreamName, MaxResults: 1 });
      now += 300_000;
      const late = await outcomeOf('simulated', 'ListShards', { NextToken: page.answer!.NextToken });
      expect(late).toEqual({ error: 'ExpiredNextTokenException' });
    },
    async 'time of creation'() {
      const both = await list({ StreamName: await newStream(), StreamCreationTimestamp: new Date(1000) });
      expect(of(both, shardsOf)).toEqual({ embedded: [0], simulated: notFound.error });
    },
    async 'filter by time'() {
      // The split and the time it is looked at have to lie within a second of the embedded clock.
      const look = async () => {
        const StreamName = await newStream();
        await sleep(1000 - (Date.now() % 1000));
        const began = Date.now();
        await split(StreamName, 0, middle);
        // The split lies a while behind on both sides.
        await sleep(20);
        now += 20;
        const times: Both<number> = { embedded: Date.now(), simulated: now };
        const both = await list((side) => ({
          StreamName,
          ShardFilter: { Type: 'AT_TIMESTAMP', Timestamp: new Date(times[side]) },
        }));
        return { both, isInTime: Math.floor(began / 1000) === Math.floor(times.embedded / 1000) };
      };
      let looked = await look();
      while (!looked.isInTime) looked = await look();
      expect(of(looked.both, shardsOf)).toEqual({ embedded: [0, 1, 2], simulated: [1, 2] });
    },
    async 'time before the stream'() {
      const ShardFilter = { Type: 'AT_TIMESTAMP', Timestamp: new Date(1000) };
      const both = await list({ StreamName: await newStream(), ShardFilter });
      expect(of(both, shardsOf)).toEqual({ embedded: [0], simulated: [] });
    },
    async 'shards at the trim horizon'() {
      const StreamName = await newStream();
      await split(StreamName, 0, middle);
      const both = await list({ StreamName, ShardFilter: { Type: 'AT_TRIM_HORIZON' } });
      expect(of(both, shardsOf)).toEqual({ embedded: [0, 1, 2], simulated: [0] });
    },
    async 'numbers that no record has'() {
      const StreamName = await newStream(2);
      const there = answersOf(await put(StreamName, 'a'));
      const elsewhere = answersOf(await put(StreamName, 'b', { ExplicitHashKey: String(largestHash) }));
      const behind = (StartingSequenceNumber: (side: Side) => string) =>
        onBoth('GetShardIterator', (side) => ({
          ...{ StreamName, ShardId: idOf(0), ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' },
          StartingSequenceNumber: StartingSequenceNumber(side),
        }));
      expect(await behind((side) => elsewhere[side].SequenceNumber)).toEqual({
        embedded: notFound,
        simulated: invalid,
      });
      expect(await behind(() => '5')).toEqual({ embedded: notFound, simulated: invalid });
      const between = await behind((side) => String(BigInt(there[side].SequenceNumber) + 10n ** 12n));
      expect(between).toMatchObject({
        embedded: notFound,
        simulated: { answer: { ShardIterator: expect.any(String) } },
      });
    },
    async 'ends of sequence numbers'() {
      const StreamName = await newStream();
      await split(StreamName, 0, middle);
      await merge(StreamName, 1, 2);
      type Range = { readonly StartingSequenceNumber: string; readonly EndingSequenceNumber: string };
      const both = answersOf(await list({ StreamName }));
      const ranges = of(both, ({ Shards }) =>
        (Shards as unknown as readonly { readonly SequenceNumberRange: Range }[]).map(
          ({ SequenceNumberRange }) => SequenceNumberRange,
        ),
      );
      expect(ranges.embedded[0]!.EndingSequenceNumber).toBe('9223372036854775807');
      expect(ranges.embedded[3]!.StartingSequenceNumber).toBe(ranges.embedded[1]!.StartingSequenceNumber);
      expect(ranges.simulated[0]!.EndingSequenceNumber).toMatch(/^\d{56}$/);
      expect(BigInt(ranges.simulated[3]!.StartingSequenceNumber)).toBeGreaterThan(
        BigInt(ranges.simulated[1]!.EndingSequenceNumber),
      );
    },
    async 'first hash ranges'() {
      const both = await put(await newStream(2), 'a', { ExplicitHashKey: String(middle - 1n) });
      expect(of(answersOf(both), ({ ShardId }) => ShardId)).toEqual({ embedded: idOf(1), simulated: idOf(0) });
    },
    async 'order of a merge'() {
      const StreamName = await newStream();
      await split(StreamName, 0, middle);
      expect(await merge(StreamName, 2, 1)).toEqual({ embedded: invalid, simulated: done });
    },
    async 'order of parents'() {
      const StreamName = await newStream();
      await split(StreamName, 0, middle);
      await split(StreamName, 1, 5n);
      await merge(StreamName, 4, 2);
      const both = answersOf(await read(await iteratorsAt(StreamName, 2)));
      expect(of(both, ({ ChildShards }) => ChildShards!.map(({ ParentShards }) => ParentShards))).toEqual({
        embedded: [[idOf(2), idOf(4)]],
        simulated: [[idOf(4), idOf(2)]],
      });
    },
    async 'split at the first hash key'() {
      const StreamName = await newStream();
      await split(StreamName, 0, middle);
      expect(await split(StreamName, 2, middle)).toEqual({ embedded: done, simulated: invalid });
    },
    async 'milliseconds behind'() {
      const StreamName = await newStream();
      await put(StreamName, 'a');
      await sleep(30);
      await put(StreamName, 'b');
      await sleep(30);
      const places = await iteratorsAt(StreamName);
      const all = answersOf(await read(places));
      const stamps = of(all, ({ Records }) => Records!.map((record) => record.ApproximateArrivalTimestamp!.getTime()));
      const first = answersOf(await read(places, 1));
      expect(of(first, ({ MillisBehindLatest }) => MillisBehindLatest)).toEqual({
        embedded: stamps.embedded[1]! - stamps.embedded[0]!,
        simulated: now - stamps.simulated[0]!,
      });
    },
    async 'unreadable iterators'() {
      const both = await read({ embedded: 'x', simulated: 'x' });
      expect(both.simulated).toEqual(invalid);
      expect(both.embedded.error).toBe('Unknown');
    },
    async 'iterators of a former stream'() {
      const StreamName = await newStream();
      const places = await iteratorsAt(StreamName);
      await onBoth('DeleteStream', { StreamName });
      await untilSettled(StreamName);
      await onBoth('CreateStream', { StreamName, ShardCount: 1 });
      await untilSettled(StreamName);
      const both = await read(places);
      expect(both).toMatchObject({ embedded: { answer: { Records: [] } }, simulated: invalid });
    },
    async 'retention that stays'() {
      const RetentionPeriodHours = 24;
      const both = await onBoth('IncreaseStreamRetentionPeriod', {
        StreamName: await newStream(),
        RetentionPeriodHours,
      });
      expect(both).toEqual({ embedded: done, simulated: invalid });
    },
    async 'streams without shards'() {
      const both = await onBoth('CreateStream', { StreamName: 'without-shards', ShardCount: 0 });
      expect(both).toEqual({ embedded: { error: 'LimitExceededException' }, simulated: invalid });
    },
    async encryption() {
      const StreamName = await newStream();
      const described = await onBoth('DescribeStreamSummary', { StreamName });
      const said = { StreamDescriptionSummary: { EncryptionType: 'NONE' } };
      expect(described.embedded.answer).toMatchObject(said);
      expect(described.simulated.answer).not.toMatchObject(said);
      const given = await put(StreamName, 'a');
      expect(of(answersOf(given), (answer) => 'EncryptionType' in answer)).toEqual({
        embedded: true,
        simulated: false,
      });
    },
  };

  it.each(differences.map(({ name }) => name))('%s', (name) => shows[name]());
});
