/** The simulated Kinesis: what its calls answer, refuse and keep, and for how long. */
import { createHash } from 'node:crypto';
import type {
  DescribeStreamSummaryOutput,
  GetRecordsOutput,
  GetShardIteratorOutput,
  ListShardsOutput,
  ListStreamsOutput,
  PutRecordOutput,
  PutRecordsOutput,
  Shard,
} from '@aws-sdk/client-kinesis';
import { beforeEach, describe, expect, it } from 'vitest';
import { hours, noon, utf8 } from '../support/builders.ts';
import { Random } from './random.ts';
import { SimulatedKinesis } from './services/kinesis/simulated-kinesis.ts';
import { ServiceError } from './services/service-error.ts';

const StreamName = 'stream';
const mib = 1024 * 1024;
const minutes = (count: number) => count * 60_000;
const largestHash = 2n ** 128n - 1n;
const middle = 2n ** 127n;
const idOf = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`;
const numberOf = (shardId: string | undefined) => Number(shardId?.replace('shardId-', ''));

let now: number;
let kinesis: SimulatedKinesis;
beforeEach(() => {
  now = noon;
  kinesis = new SimulatedKinesis({ now: () => now, random: new Random(1) });
});

const create = (shards: number, name = StreamName) => kinesis.createStream(name, { shards });
const call = <Answer = object>(operation: string, input: object) => kinesis.execute(operation, input) as Answer;
const put = (data: string, input: object = {}) =>
  call<PutRecordOutput>('PutRecord', { StreamName, PartitionKey: 'k', Data: utf8(data), ...input });
const putAt = (hash: bigint, data = '') => put(data, { ExplicitHashKey: String(hash) });
const putAll = (records: readonly object[]) => call<PutRecordsOutput>('PutRecords', { StreamName, Records: records });
const split = (shard: number, at: bigint) =>
  call('SplitShard', { StreamName, ShardToSplit: idOf(shard), NewStartingHashKey: String(at) });
const merge = (shard: number, other: number) =>
  call('MergeShards', { StreamName, ShardToMerge: idOf(shard), AdjacentShardToMerge: idOf(other) });
const iterator = (ShardIteratorType: string, input: object = {}) =>
  call<GetShardIteratorOutput>('GetShardIterator', { StreamName, ShardId: idOf(0), ShardIteratorType, ...input })
    .ShardIterator;
const from = (shard: number) => iterator('TRIM_HORIZON', { ShardId: idOf(shard) });
const read = (ShardIterator: string | undefined, Limit?: number) =>
  call<GetRecordsOutput>('GetRecords', { ShardIterator, Limit });
const textsOf = ({ Records }: GetRecordsOutput) => Records!.map(({ Data }) => Buffer.from(Data!).toString());
const list = (input: object = {}) => call<ListShardsOutput>('ListShards', { StreamName, ...input });
const numbersIn = ({ Shards }: ListShardsOutput) => Shards!.map(({ ShardId }) => numberOf(ShardId));
const rangeOf = ({ HashKeyRange }: Pick<Shard, 'HashKeyRange'>) => [
  BigInt(HashKeyRange!.StartingHashKey!),
  BigInt(HashKeyRange!.EndingHashKey!),
];

function nameOfError(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ServiceError) return error.name;
    throw error;
  }
  return 'none';
}

const invalid = 'InvalidArgumentException';
const notFound = 'ResourceNotFoundException';
const inUse = 'ResourceInUseException';
const overThroughput = 'ProvisionedThroughputExceededException';

describe('sequence numbers', () => {
  it('have 56 digits and grow from record to record, and from a shard to its children', () => {
    create(1);
    const first = [putAt(0n), putAt(largestHash)];
    split(0, middle);
    const [low, high] = [putAt(0n), putAt(middle)];
    merge(1, 2);
    const last = putAt(middle);
    const [parent, ...children] = list().Shards!.map(({ SequenceNumberRange }) => SequenceNumberRange!);
    const numbers = [
      parent!.StartingSequenceNumber!,
      ...first.map(({ SequenceNumber }) => SequenceNumber!),
      parent!.EndingSequenceNumber!,
      children[0]!.StartingSequenceNumber!,
      children[1]!.StartingSequenceNumber!,
      low.SequenceNumber!,
      high.SequenceNumber!,
      children[0]!.EndingSequenceNumber!,
      children[1]!.EndingSequenceNumber!,
      children[2]!.StartingSequenceNumber!,
      last.SequenceNumber!,
    ];
    for (const [at, number] of numbers.entries()) {
      expect(number).toMatch(/^\d{56}$/);
      if (at > 0) expect(BigInt(number)).toBeGreaterThan(BigInt(numbers[at - 1]!));
    }
    expect(children[2]).not.toHaveProperty('EndingSequenceNumber');
  });

  it('tell the shard, and are of no other stream', () => {
    create(2);
    create(2, 'other');
    const numbers = [putAt(0n), putAt(largestHash), putAt(largestHash)].map(({ SequenceNumber }) => SequenceNumber!);
    expect(numbers.map((number) => Number(number.slice(-12)))).toEqual([0, 1, 1]);
    const elsewhere = put('', { StreamName: 'other', ExplicitHashKey: '0' });
    expect(numbers).not.toContain(elsewhere.SequenceNumber);
    expect(elsewhere.SequenceNumber!.slice(0, 8)).not.toBe(numbers[0]!.slice(0, 8));
  });
});

describe('hash keys', () => {
  it.each([1, 2, 3, 7])('are shared out over %i shards without a gap', (shards) => {
    create(shards);
    const ranges = list().Shards!.map(rangeOf);
    expect(ranges).toHaveLength(shards);
    expect(ranges[0]![0]).toBe(0n);
    expect(ranges.at(-1)![1]).toBe(largestHash);
    for (const [at, [start, end]] of ranges.entries()) {
      if (at > 0) expect(start).toBe(ranges[at - 1]![1]! + 1n);
      expect(Number(end! - start!) * shards).toBeCloseTo(Number(largestHash), -30);
    }
  });

  it('are halves for two shards', () => {
    create(2);
    expect(list().Shards!.map(rangeOf)).toEqual([
      [0n, middle - 1n],
      [middle, largestHash],
    ]);
  });

  it('are the MD5 of the partition key in UTF-8', () => {
    create(8);
    const shards = list().Shards!;
    const keys = ['a', 'é', '😀', ...Array.from({ length: 40 }, (_, index) => `key-${index}`)];
    const found = keys.map((PartitionKey) => {
      const hash = BigInt(`0x${createHash('md5').update(Buffer.from(PartitionKey, 'utf8')).digest('hex')}`);
      const { ShardId } = put('', { PartitionKey });
      expect(rangeOf(shards[numberOf(ShardId)]!)).toSatisfy(([start, end]) => start <= hash && hash <= end);
      return ShardId;
    });
    expect(new Set(found).size).toBe(8);
    // MD5 of "a" begins with 0c, that of "b" with 92.
    expect(numberOf(found[0])).toBe(0);
    expect(numberOf(put('', { PartitionKey: 'b' }).ShardId)).toBe(4);
  });

  it('may be given instead, from 0 to 2^128 - 1', () => {
    create(2);
    const shards = [0n, middle - 1n, middle, largestHash].map((hash) => numberOf(putAt(hash).ShardId));
    expect(shards).toEqual([0, 0, 1, 1]);
    for (const wrong of [largestHash + 1n, -1n, '007', '', 'x', '1.5', 5])
      expect(nameOfError(() => put('', { ExplicitHashKey: typeof wrong === 'bigint' ? String(wrong) : wrong }))).toBe(
        invalid,
      );
  });
});

describe('a split', () => {
  it('closes the shard, and its two children share its range', () => {
    create(2);
    putAt(0n, 'before');
    split(0, 1000n);
    expect(putAt(999n).ShardId).toBe(idOf(2));
    expect(putAt(1000n).ShardId).toBe(idOf(3));
    const [parent, other, low, high] = list().Shards!;
    expect([low, high].map((shard) => [rangeOf(shard!), shard!.ParentShardId, shard!.AdjacentParentShardId])).toEqual([
      [[0n, 999n], idOf(0), undefined],
      [[1000n, middle - 1n], idOf(0), undefined],
    ]);
    expect(parent!.SequenceNumberRange!.EndingSequenceNumber).toBeDefined();
    expect(other!.SequenceNumberRange!.EndingSequenceNumber).toBeUndefined();
    expect(textsOf(read(from(0)))).toEqual(['before']);
  });

  it('may leave a shard a single hash key, but none without', () => {
    create(1);
    split(0, 1n);
    split(2, largestHash);
    expect(list().Shards!.slice(1).map(rangeOf)).toEqual([
      [0n, 0n],
      [1n, largestHash],
      [1n, largestHash - 1n],
      [largestHash, largestHash],
    ]);
    expect(nameOfError(() => split(1, 0n))).toBe(invalid);
  });

  it('outside of the range, of a closed shard or of none is refused, and changes nothing', () => {
    create(2);
    split(1, middle + 5n);
    const before = list();
    expect([
      nameOfError(() => split(0, middle)),
      nameOfError(() => split(0, 0n)),
      nameOfError(() => split(0, largestHash + 1n)),
      nameOfError(() => split(1, middle + 7n)),
      nameOfError(() => split(9, 5n)),
    ]).toEqual([invalid, invalid, invalid, inUse, notFound]);
    expect(list()).toEqual(before);
  });
});

describe('a merge', () => {
  it.each([
    [0, 1],
    [1, 0],
  ])('of %i with %i closes both, and their child has the range of both', (shard, other) => {
    create(3);
    const [low, high] = list().Shards!.map(rangeOf);
    merge(shard, other);
    const [one, two, three, child] = list().Shards!;
    expect(child).toMatchObject({
      ShardId: idOf(3),
      ParentShardId: idOf(shard),
      AdjacentParentShardId: idOf(other),
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(high![1]) },
    });
    for (const closed of [one, two]) expect(closed!.SequenceNumberRange!.EndingSequenceNumber).toBeDefined();
    expect(three!.SequenceNumberRange!.EndingSequenceNumber).toBeUndefined();
    expect([putAt(low![0]!).ShardId, putAt(high![1]!).ShardId]).toEqual([idOf(3), idOf(3)]);
  });

  it('of shards that are not adjacent, closed, absent or one and the same is refused, and changes nothing', () => {
    create(4);
    merge(0, 1);
    const before = list();
    expect([
      nameOfError(() => merge(4, 3)),
      nameOfError(() => merge(2, 2)),
      nameOfError(() => merge(1, 2)),
      nameOfError(() => merge(2, 1)),
      nameOfError(() => merge(2, 9)),
    ]).toEqual([invalid, invalid, inUse, inUse, notFound]);
    expect(list()).toEqual(before);
  });
});

describe('an iterator', () => {
  let numbers: string[];
  /** One to four, ten milliseconds apart. */
  const fill = () => {
    create(2);
    numbers = ['one', 'two', 'three', 'four'].map((text) => {
      now += 10;
      return putAt(0n, text).SequenceNumber!;
    });
    now += 10;
  };

  it.each<[string, () => object, readonly string[]]>([
    ['TRIM_HORIZON', () => ({}), ['one', 'two', 'three', 'four']],
    ['LATEST', () => ({}), []],
    ['AT_SEQUENCE_NUMBER', () => ({ StartingSequenceNumber: numbers[1] }), ['two', 'three', 'four']],
    ['AFTER_SEQUENCE_NUMBER', () => ({ StartingSequenceNumber: numbers[1] }), ['three', 'four']],
    ['AFTER_SEQUENCE_NUMBER', () => ({ StartingSequenceNumber: numbers[3] }), []],
    ['AT_TIMESTAMP', () => ({ Timestamp: new Date(0) }), ['one', 'two', 'three', 'four']],
    ['AT_TIMESTAMP', () => ({ Timestamp: new Date(noon + 20) }), ['two', 'three', 'four']],
    ['AT_TIMESTAMP', () => ({ Timestamp: new Date(noon + 21) }), ['three', 'four']],
    ['AT_TIMESTAMP', () => ({ Timestamp: new Date(now) }), []],
  ])('%s begins where it says (%#)', (type, input, expected) => {
    fill();
    const place = iterator(type, input());
    expect(textsOf(read(place))).toEqual(expected);
    putAt(0n, 'later');
    expect(textsOf(read(place))).toEqual([...expected, 'later']);
  });

  it.each(['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'])('%s takes a number that no record has', (type) => {
    fill();
    const { StartingSequenceNumber } = list().Shards![0]!.SequenceNumberRange!;
    expect(textsOf(read(iterator(type, { StartingSequenceNumber })))).toEqual(['one', 'two', 'three', 'four']);
  });

  it('AT_TIMESTAMP begins with the first record stamped then or later, in the order of the shard', () => {
    create(1);
    const stamps = [50, 10, 30];
    kinesis.quirks.arrivalSkewMs = () => stamps.shift()!;
    for (const text of ['a', 'b', 'c']) put(text);
    now += 100;
    const at = (ms: number) => textsOf(read(iterator('AT_TIMESTAMP', { Timestamp: new Date(noon + ms) })));
    expect([at(10), at(40), at(51)]).toEqual([['a', 'b', 'c'], ['a', 'b', 'c'], []]);
  });

  it.each<[string, object | (() => object), string]>([
    ['AT_TIMESTAMP', () => ({ Timestamp: new Date(now + 1) }), invalid],
    ['AT_TIMESTAMP', {}, invalid],
    ['AT_TIMESTAMP', { Timestamp: new Date(Number.NaN) }, invalid],
    ['AFTER_SEQUENCE_NUMBER', {}, invalid],
    ['AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber: 'letters' }, invalid],
    ['AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber: '5' }, invalid],
    ['AT_SEQUENCE_NUMBER', { StartingSequenceNumber: '4'.repeat(56) }, invalid],
    ['AT_SEQUENCE_NUMBER', () => ({ StartingSequenceNumber: `${numbers[0]}0` }), invalid],
    ['AFTER_SEQUENCE_NUMBER', () => ({ StartingSequenceNumber: numbers[0], ShardId: idOf(1) }), invalid],
    ['AFTER_SEQUENCE_NUMBER', () => ({ StartingSequenceNumber: numbers[0], StreamName: 'other' }), invalid],
    ['EARLIEST', {}, invalid],
    ['LATEST', { ShardId: idOf(9) }, notFound],
    ['LATEST', { StreamName: 'absent' }, notFound],
  ])('%s is refused where there is no such place (%#)', (type, input, expected) => {
    fill();
    create(2, 'other');
    expect(nameOfError(() => iterator(type, typeof input === 'function' ? input() : input))).toBe(expected);
  });

  it('names the shard that a foreign number is of', () => {
    fill();
    const foreign = { StartingSequenceNumber: numbers[0], ShardId: idOf(1) };
    expect(() => iterator('AT_SEQUENCE_NUMBER', foreign)).toThrow(/encodes shard 0, .* to shardId-000000000001/);
  });

  it('and a number of a stream that was deleted are not good for the next one of its name', () => {
    fill();
    const place = from(0);
    call('DeleteStream', { StreamName });
    expect(nameOfError(() => read(place))).toBe(notFound);
    now += 1;
    create(2);
    putAt(0n);
    expect(nameOfError(() => read(place))).toBe(invalid);
    expect(nameOfError(() => iterator('AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber: numbers[0] }))).toBe(invalid);
  });

  it('at a number that retention took begins with what is left, or is refused where Kinesis behaves so', () => {
    fill();
    now += hours(24) - 10;
    const behind = (number: string | undefined) =>
      iterator('AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber: number });
    expect(textsOf(read(behind(numbers[0])))).toEqual(['four']);
    kinesis.quirks.refusesTrimmed = true;
    expect(numbers.map((number) => nameOfError(() => behind(number)))).toEqual([invalid, invalid, invalid, 'none']);
    now += 1000;
    expect(textsOf(read(from(0)))).toEqual([]);
  });

  it('is good for five minutes; each answer has a new one', () => {
    fill();
    const place = from(0);
    now += minutes(5);
    const { NextShardIterator } = read(place);
    now += 1;
    expect(nameOfError(() => read(place))).toBe('ExpiredIteratorException');
    now += minutes(5) - 1;
    expect(textsOf(read(NextShardIterator))).toEqual([]);
    now += 1;
    expect(nameOfError(() => read(NextShardIterator))).toBe('ExpiredIteratorException');
  });

  it('that is none of Kinesis is refused', () => {
    fill();
    for (const wrong of ['', 'x', Buffer.from('{}').toString('base64url'), undefined])
      expect(nameOfError(() => read(wrong))).toBe(invalid);
  });

  it('is given five times a second for each open shard', () => {
    fill();
    split(1, middle + 5n);
    for (let count = 0; count < 5; count++) from(0);
    expect(nameOfError(() => from(0))).toBe(overThroughput);
    for (let count = 0; count < 9; count++) from(1);
    now += 999;
    expect(nameOfError(() => from(0))).toBe(overThroughput);
    now += 1;
    expect(nameOfError(() => from(0))).toBe('none');
  });
});

describe('reading', () => {
  /** So many records with their numbers in them, in as much time as that takes. */
  function fill(count: number): void {
    for (let at = 0; at < count; at += 500) {
      const size = Math.min(500, count - at);
      putAll(Array.from({ length: size }, (_, index) => ({ PartitionKey: 'k', Data: utf8(`${at + index}`) })));
      now += 500;
    }
  }

  it('gives records as they were put, in their order, page by page', () => {
    create(1);
    const bytes = Uint8Array.of(0, 255, 128);
    const { SequenceNumber } = put('', { PartitionKey: 'é', Data: bytes });
    now += 5;
    const empty = put('', { PartitionKey: 'b' });
    for (const text of ['c', 'd', 'e']) put(text);
    const first = read(from(0), 2);
    expect(first.Records).toEqual([
      { SequenceNumber, PartitionKey: 'é', Data: bytes, ApproximateArrivalTimestamp: new Date(noon) },
      {
        SequenceNumber: empty.SequenceNumber,
        PartitionKey: 'b',
        Data: new Uint8Array(),
        ApproximateArrivalTimestamp: new Date(noon + 5),
      },
    ]);
    const second = read(first.NextShardIterator, 2);
    expect([textsOf(second), textsOf(read(second.NextShardIterator))]).toEqual([['c', 'd'], ['e']]);
    expect(textsOf(read(first.NextShardIterator, 1))).toEqual(['c']);
  });

  it('gives 10,000 records at most', () => {
    create(1);
    fill(10_001);
    const first = read(from(0));
    expect(first.Records).toHaveLength(10_000);
    expect(textsOf(read(first.NextShardIterator))).toEqual(['10000']);
    expect(read(from(0), 10_000).Records).toHaveLength(10_000);
    for (const Limit of [0, -1, 1.5, 10_001])
      expect(nameOfError(() => read(first.NextShardIterator, Limit))).toBe(invalid);
  });

  it('gives 10 MiB at most, keys counted, and then nothing for five seconds', () => {
    create(1);
    for (let count = 0; count < 11; count++) {
      put('', { Data: new Uint8Array(mib - 1) });
      now += 1000;
    }
    const { Records, NextShardIterator } = read(from(0));
    expect(Records).toHaveLength(10);
    now += 4999;
    expect(nameOfError(() => read(NextShardIterator))).toBe(overThroughput);
    now += 1;
    expect(read(NextShardIterator).Records).toHaveLength(1);
  });

  it('is paid off at 2 MiB a second', () => {
    create(1);
    for (let count = 0; count < 5; count++) {
      put('', { Data: new Uint8Array(mib - 1) });
      now += 1000;
    }
    const first = read(from(0), 2);
    const second = read(first.NextShardIterator, 1);
    now += 1499;
    expect(nameOfError(() => read(second.NextShardIterator))).toBe(overThroughput);
    now += 1;
    expect(read(second.NextShardIterator).Records).toHaveLength(2);
  });

  it('is allowed five times a second for each shard; what is refused does not count', () => {
    create(2);
    const [place, other] = [from(0), from(1)];
    for (let count = 0; count < 5; count++) {
      read(place);
      now += 100;
    }
    for (let count = 0; count < 9; count++) expect(nameOfError(() => read(place))).toBe(overThroughput);
    read(other);
    now += 499;
    expect(nameOfError(() => read(place))).toBe(overThroughput);
    now += 1;
    expect(nameOfError(() => read(place))).toBe('none');
    expect(nameOfError(() => read(place))).toBe(overThroughput);
  });

  it('cannot reach into what is stored, neither from what was given nor from what was answered', () => {
    create(1);
    const bytes = Uint8Array.of(1);
    put('', { Data: bytes });
    bytes[0] = 9;
    read(from(0)).Records![0]!.Data![0] = 8;
    expect(read(from(0)).Records![0]!.Data).toEqual(Uint8Array.of(1));
  });

  it('gives less, or fails, where Kinesis behaves so', () => {
    create(2);
    for (const text of ['a', 'b', 'c']) putAt(0n, text);
    kinesis.quirks.pageRecords = 2;
    const first = read(from(0));
    expect([textsOf(first), textsOf(read(first.NextShardIterator))]).toEqual([['a', 'b'], ['c']]);
    kinesis.quirks.failsReads = (shard) => shard === 0;
    expect([nameOfError(() => read(from(0))), nameOfError(() => read(from(1)))]).toEqual(['InternalFailure', 'none']);
  });
});

describe('MillisBehindLatest', () => {
  const behind = (answer: GetRecordsOutput) => [textsOf(answer), answer.MillisBehindLatest];

  it('is 0 at the tip, else how long ago the last record came, never 0', () => {
    create(1);
    expect(behind(read(from(0)))).toEqual([[], 0]);
    put('a');
    now += 100;
    for (const text of ['b', 'c']) put(text);
    expect(behind(read(from(0), 2))).toEqual([['a', 'b'], 1]);
    now += 50;
    const first = read(from(0), 1);
    expect(behind(first)).toEqual([['a'], 150]);
    expect(behind(read(first.NextShardIterator, 1))).toEqual([['b'], 50]);
    expect(behind(read(first.NextShardIterator, 2))).toEqual([['b', 'c'], 0]);
  });

  it('shrinks from answer to answer over a stretch without records', () => {
    create(1);
    put('old');
    now += minutes(60);
    put('new');
    now += minutes(10);
    kinesis.quirks.stretchMs = minutes(20);
    let place = iterator('AT_TIMESTAMP', { Timestamp: new Date(noon) });
    const answers = Array.from({ length: 4 }, () => {
      const answer = read(place);
      place = answer.NextShardIterator;
      return behind(answer);
    });
    expect(answers).toEqual([
      [['old'], minutes(50)],
      [[], minutes(30)],
      [['new'], minutes(10)],
      [[], 0],
    ]);
  });

  it('begins with the retention where nothing was ever put', () => {
    kinesis.createStream(StreamName, { shards: 1, retentionMs: minutes(60) });
    kinesis.quirks.stretchMs = minutes(25);
    let place = from(0);
    const answers = Array.from({ length: 4 }, () => {
      const answer = read(place);
      place = answer.NextShardIterator;
      return behind(answer);
    });
    expect(answers).toEqual([
      [[], minutes(35)],
      [[], minutes(10)],
      [[], 0],
      [[], 0],
    ]);
    expect(behind(read(iterator('LATEST')))).toEqual([[], 0]);
  });
});

describe('the end of a closed shard', () => {
  const childOf = (shard: number, parents: readonly number[], range: readonly bigint[]) => ({
    ShardId: idOf(shard),
    ParentShards: parents.map(idOf),
    HashKeyRange: { StartingHashKey: String(range[0]), EndingHashKey: String(range[1]) },
  });

  it('comes with the last record and names the children, and nothing before does', () => {
    create(1);
    for (const text of ['a', 'b', 'c']) put(text);
    const before = read(from(0));
    expect(before).not.toHaveProperty('ChildShards');
    split(0, 1000n);
    const first = read(from(0), 2);
    expect(textsOf(first)).toEqual(['a', 'b']);
    expect(first).not.toHaveProperty('ChildShards');
    const last = read(first.NextShardIterator, 1);
    expect(textsOf(last)).toEqual(['c']);
    expect(last).not.toHaveProperty('NextShardIterator');
    expect(last.MillisBehindLatest).toBe(0);
    expect(last.ChildShards).toEqual([childOf(1, [0], [0n, 999n]), childOf(2, [0], [1000n, largestHash])]);
    expect(read(before.NextShardIterator)).toEqual({
      Records: [],
      MillisBehindLatest: 0,
      ChildShards: last.ChildShards,
    });
  });

  it('names the child of a merge, with both its parents, to readers of either', () => {
    create(2);
    merge(1, 0);
    const ends = [read(from(0)), read(iterator('LATEST', { ShardId: idOf(1) }))];
    const ChildShards = [childOf(2, [1, 0], [0n, largestHash])];
    expect(ends).toEqual(Array(2).fill({ Records: [], MillisBehindLatest: 0, ChildShards }));
  });

  it('names children that are closed themselves', () => {
    create(1);
    split(0, 1000n);
    merge(1, 2);
    expect(read(from(0)).ChildShards!.map(({ ShardId }) => numberOf(ShardId))).toEqual([1, 2]);
    expect(read(from(1)).ChildShards!.map(({ ShardId }) => numberOf(ShardId))).toEqual([3]);
  });
});

describe('retention', () => {
  const change = (direction: 'Increase' | 'Decrease', RetentionPeriodHours: number) =>
    call(`${direction}StreamRetentionPeriod`, { StreamName, RetentionPeriodHours });
  const hoursOf = () =>
    call<DescribeStreamSummaryOutput>('DescribeStreamSummary', { StreamName }).StreamDescriptionSummary!
      .RetentionPeriodHours;

  it('takes records after a day, from all that reads', () => {
    create(1);
    put('a');
    now += 1000;
    put('b');
    const kept = () =>
      [from(0), iterator('AT_TIMESTAMP', { Timestamp: new Date(noon) })].map((at) => textsOf(read(at)));
    now = noon + hours(24);
    const place = from(0);
    expect(kept()).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    now += 1;
    expect(kept()).toEqual([['b'], ['b']]);
    expect(textsOf(read(place))).toEqual(['b']);
    expect(kinesis.truth(StreamName).shards[0]).toMatchObject({ trimmed: 1, records: [{}, {}] });
  });

  it('goes by when a record was put, not by its stamp', () => {
    create(1);
    kinesis.quirks.arrivalSkewMs = () => minutes(2);
    put('a');
    now += hours(24);
    expect(textsOf(read(from(0)))).toEqual(['a']);
    now += 1;
    expect(textsOf(read(from(0)))).toEqual([]);
  });

  it('takes a closed shard as long after its end', () => {
    create(1);
    now += hours(10);
    split(0, middle);
    now += hours(24);
    const place = from(0);
    expect(numbersIn(list())).toEqual([0, 1, 2]);
    now += 1;
    expect(numbersIn(list())).toEqual([1, 2]);
    expect([nameOfError(() => from(0)), nameOfError(() => read(place))]).toEqual([notFound, notFound]);
  });

  it('that becomes shorter takes at once what is too old, and longer gives nothing back', () => {
    create(1);
    change('Increase', 48);
    putAt(0n, 'a');
    split(0, middle);
    now += hours(30);
    putAt(0n, 'b');
    expect(numbersIn(list())).toEqual([0, 1, 2]);
    change('Decrease', 24);
    expect(hoursOf()).toBe(24);
    expect(numbersIn(list())).toEqual([1, 2]);
    change('Increase', 168);
    expect(hoursOf()).toBe(168);
    expect([nameOfError(() => from(0)), numbersIn(list())]).toEqual([notFound, [1, 2]]);
    now += hours(100);
    expect(textsOf(read(from(1)))).toEqual(['b']);
    expect(kinesis.truth(StreamName).shards[0]!.trimmed).toBe(1);
  });

  it('is 24 to 8760 hours, and changes in the direction that is named', () => {
    create(1);
    expect([25, 8760].map((count) => nameOfError(() => change('Increase', count)))).toEqual(['none', 'none']);
    for (const count of [8761, 8760, 24, 25.5]) expect(nameOfError(() => change('Increase', count))).toBe(invalid);
    change('Decrease', 30);
    for (const count of [30, 31, 23, 0]) expect(nameOfError(() => change('Decrease', count))).toBe(invalid);
    expect(hoursOf()).toBe(30);
  });
});

describe('a listing', () => {
  /** 0 and 1 from noon on; after ten seconds 0 splits into 2 and 3; after twenty 3 and 1 merge into 4. */
  const reshard = () => {
    create(2);
    now += 10_000;
    split(0, 1000n);
    now += 10_000;
    merge(3, 1);
    now += 10_000;
  };
  const at = (seconds: number) => new Date(noon + seconds * 1000);

  it('has all that is known of a shard', () => {
    create(2);
    split(1, middle + 5n);
    const shardOf = (shard: number, range: readonly bigint[], more: object = {}, end: object = {}) => ({
      ShardId: idOf(shard),
      HashKeyRange: { StartingHashKey: String(range[0]), EndingHashKey: String(range[1]) },
      SequenceNumberRange: {
        StartingSequenceNumber: kinesis.truth(StreamName).shards[shard]!.startingSequenceNumber,
        ...end,
      },
      ...more,
    });
    const end = { EndingSequenceNumber: kinesis.truth(StreamName).shards[1]!.endingSequenceNumber };
    expect(list()).toEqual({
      Shards: [
        shardOf(0, [0n, middle - 1n]),
        shardOf(1, [middle, largestHash], {}, end),
        shardOf(2, [middle, middle + 4n], { ParentShardId: idOf(1) }),
        shardOf(3, [middle + 5n, largestHash], { ParentShardId: idOf(1) }),
      ],
    });
  });

  it.each<[object, readonly number[]]>([
    [{ Type: 'FROM_TRIM_HORIZON' }, [0, 1, 2, 3, 4]],
    [{ Type: 'AT_TRIM_HORIZON' }, [0, 1]],
    [{ Type: 'AT_LATEST' }, [2, 4]],
    [{ Type: 'AFTER_SHARD_ID', ShardId: idOf(2) }, [3, 4]],
    [{ Type: 'AFTER_SHARD_ID', ShardId: idOf(4) }, []],
    [{ Type: 'AT_TIMESTAMP', Timestamp: at(-1) }, []],
    [{ Type: 'AT_TIMESTAMP', Timestamp: at(0) }, [0, 1]],
    [{ Type: 'AT_TIMESTAMP', Timestamp: at(9.999) }, [0, 1]],
    [{ Type: 'AT_TIMESTAMP', Timestamp: at(10) }, [0, 1, 2, 3]],
    [{ Type: 'AT_TIMESTAMP', Timestamp: at(10.001) }, [1, 2, 3]],
    [{ Type: 'AT_TIMESTAMP', Timestamp: at(25) }, [2, 4]],
    [{ Type: 'FROM_TIMESTAMP', Timestamp: at(-1) }, [0, 1, 2, 3, 4]],
    [{ Type: 'FROM_TIMESTAMP', Timestamp: at(10.001) }, [1, 2, 3, 4]],
    [{ Type: 'FROM_TIMESTAMP', Timestamp: at(20) }, [1, 2, 3, 4]],
    [{ Type: 'FROM_TIMESTAMP', Timestamp: at(20.001) }, [2, 4]],
  ])('by %j has its shards', (ShardFilter, expected) => {
    reshard();
    expect(numbersIn(list({ ShardFilter }))).toEqual(expected);
  });

  it('AT_TRIM_HORIZON has what was open then', () => {
    reshard();
    const ShardFilter = { Type: 'AT_TRIM_HORIZON' };
    now = noon + hours(24) + 5000;
    expect(numbersIn(list({ ShardFilter }))).toEqual([0, 1]);
    now += 10_000;
    expect(numbersIn(list({ ShardFilter }))).toEqual([1, 2, 3]);
    now += 10_000;
    expect(numbersIn(list({ ShardFilter }))).toEqual([2, 4]);
  });

  it.each<object>([
    {},
    { Type: 'AT_TIMESTAMP' },
    { Type: 'FROM_TIMESTAMP', Timestamp: new Date(Number.NaN) },
    { Type: 'AFTER_SHARD_ID' },
    { Type: 'AT_LATEST', Timestamp: at(0) },
    { Type: 'AT_TIMESTAMP', Timestamp: at(0), ShardId: idOf(0) },
  ])('by %j is refused', (ShardFilter) => {
    create(1);
    expect(nameOfError(() => list({ ShardFilter }))).toBe(invalid);
  });

  it('begins after a shard, with and without a filter', () => {
    reshard();
    expect(numbersIn(list({ ExclusiveStartShardId: idOf(1) }))).toEqual([2, 3, 4]);
    expect(numbersIn(list({ ExclusiveStartShardId: idOf(2), ShardFilter: { Type: 'AT_LATEST' } }))).toEqual([4]);
  });

  it('is of the stream that was created in that second, or of none', () => {
    now += 500;
    create(1);
    const created = (ms: number) => nameOfError(() => list({ StreamCreationTimestamp: new Date(noon + ms) }));
    expect([created(500), created(0), created(999), created(1000), created(-1)]).toEqual([
      'none',
      'none',
      'none',
      notFound,
      notFound,
    ]);
  });

  describe('in pages', () => {
    const next = (NextToken: string | undefined, input: object = {}) =>
      call<ListShardsOutput>('ListShards', { NextToken, ...input });

    it('goes on with a token alone, and keeps its filter', () => {
      reshard();
      const first = list({ MaxResults: 1 });
      const second = next(first.NextToken, { MaxResults: 3 });
      const third = next(second.NextToken);
      expect([first, second, third].map(numbersIn)).toEqual([[0], [1, 2, 3], [4]]);
      expect(third).not.toHaveProperty('NextToken');
      expect(numbersIn(next(first.NextToken))).toEqual([1, 2, 3, 4]);
      for (const [ShardFilter, expected] of [
        [{ Type: 'AT_LATEST' }, [[2], [4]]],
        [{ Type: 'AFTER_SHARD_ID', ShardId: idOf(2) }, [[3], [4]]],
        [{ Type: 'AT_TIMESTAMP', Timestamp: at(25) }, [[2], [4]]],
      ] as const) {
        const begun = list({ ShardFilter, MaxResults: 1 });
        expect([begun, next(begun.NextToken)].map(numbersIn)).toEqual(expected);
      }
      expect(list({ MaxResults: 5 })).not.toHaveProperty('NextToken');
    });

    it('has 1000 shards at most, or fewer where Kinesis behaves so', () => {
      create(1200);
      for (const MaxResults of [undefined, 1000, 10_000]) {
        const first = list({ MaxResults });
        expect(first.Shards).toHaveLength(1000);
        expect(next(first.NextToken).Shards).toHaveLength(200);
      }
      for (const MaxResults of [0, 10_001, 1.5]) expect(nameOfError(() => list({ MaxResults }))).toBe(invalid);
      kinesis.quirks.pageShards = 500;
      const first = list();
      const second = next(first.NextToken, { MaxResults: 1000 });
      const third = next(second.NextToken);
      expect([first, second, third].map(({ Shards }) => Shards!.length)).toEqual([500, 500, 200]);
    });

    it('takes no other parameter beside a token', () => {
      reshard();
      const { NextToken } = list({ MaxResults: 1 });
      for (const other of [
        { StreamName },
        { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/stream' },
        { StreamCreationTimestamp: at(0) },
        { ExclusiveStartShardId: idOf(0) },
        { ShardFilter: { Type: 'AT_LATEST' } },
      ])
        expect(nameOfError(() => next(NextToken, other))).toBe(invalid);
      for (const wrong of ['', 'x', from(0)]) expect(nameOfError(() => next(wrong))).toBe(invalid);
    });

    it('has tokens for 300 seconds, of this stream and no other of its name', () => {
      reshard();
      const { NextToken } = list({ MaxResults: 1 });
      now += 300_000;
      const second = next(NextToken, { MaxResults: 1 });
      now += 1;
      expect(nameOfError(() => next(NextToken))).toBe('ExpiredNextTokenException');
      expect(numbersIn(next(second.NextToken))).toEqual([2, 3, 4]);
      call('DeleteStream', { StreamName });
      expect(nameOfError(() => next(second.NextToken))).toBe(notFound);
      create(5);
      expect(nameOfError(() => next(second.NextToken))).toBe(notFound);
    });
  });

  describe('that is old', () => {
    const endOf = (answer: ListShardsOutput, shard: number) =>
      answer.Shards![shard]!.SequenceNumberRange!.EndingSequenceNumber;

    it('shows the shards as they were', () => {
      reshard();
      kinesis.quirks.listingAgeMs = 15_000;
      expect(numbersIn(list())).toEqual([0, 1, 2, 3]);
      expect([endOf(list(), 0), endOf(list(), 1)]).toEqual([expect.any(String), undefined]);
      expect(numbersIn(list({ ShardFilter: { Type: 'AT_LATEST' } }))).toEqual([1, 2, 3]);
      for (const Type of ['AT_TIMESTAMP', 'FROM_TIMESTAMP'])
        expect(numbersIn(list({ ShardFilter: { Type, Timestamp: at(29) } }))).toEqual([1, 2, 3]);
    });

    it('has the first shards all the same, and its pages are of one moment', () => {
      create(2);
      now += 1000;
      split(0, 1000n);
      kinesis.quirks.listingAgeMs = minutes(1);
      const first = list({ MaxResults: 1 });
      expect([numbersIn(first), endOf(first, 0)]).toEqual([[0], undefined]);
      kinesis.quirks.listingAgeMs = 0;
      const NextToken = first.NextToken;
      expect(numbersIn(call<ListShardsOutput>('ListShards', { NextToken }))).toEqual([1]);
      expect(numbersIn(list())).toEqual([0, 1, 2, 3]);
    });
  });
});

describe('putting', () => {
  const entry = (data: string | number, input: object = {}) => ({
    PartitionKey: 'k',
    ExplicitHashKey: '0',
    Data: typeof data === 'string' ? utf8(data) : new Uint8Array(data),
    ...input,
  });
  const entries = (count: number, input: object = {}) =>
    Array.from({ length: count }, (_, index) => entry(`${index}`, input));
  const high = { ExplicitHashKey: String(largestHash) };
  const stored = (shard: number) =>
    kinesis.truth(StreamName).shards[shard]!.records.map(({ data }) => Buffer.from(data).toString());

  it('answers for each record in its place, and keeps the order of each shard', () => {
    create(2);
    const { Records, FailedRecordCount } = putAll([entry('a'), entry('b', high), entry('c'), entry('d', high)]);
    expect(FailedRecordCount).toBe(0);
    const numbers = kinesis.truth(StreamName).shards.map(({ records }) => records.map((each) => each.sequenceNumber));
    expect(Records).toEqual([
      { ShardId: idOf(0), SequenceNumber: numbers[0]![0] },
      { ShardId: idOf(1), SequenceNumber: numbers[1]![0] },
      { ShardId: idOf(0), SequenceNumber: numbers[0]![1] },
      { ShardId: idOf(1), SequenceNumber: numbers[1]![1] },
    ]);
    expect([stored(0), stored(1)]).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  it('takes 1 to 500 records of 1 MiB and 10 MiB in all, keys counted; else nothing of the request', () => {
    create(1);
    const tooMuch = [
      [],
      entries(501),
      [entry('a'), entry(mib)],
      [entry('a'), entry(mib - 1, { PartitionKey: 'é' })],
      [...Array.from({ length: 10 }, () => entry(mib - 1)), entry(0)],
      [entry('a'), entry('b', { PartitionKey: '' })],
      [entry('a'), entry('b', { PartitionKey: 'k'.repeat(257) })],
      [entry('a'), entry('b', { ExplicitHashKey: 'x' })],
      [entry('a'), entry('b', { Data: 'text' })],
    ];
    for (const records of tooMuch) expect(nameOfError(() => putAll(records))).toBe(invalid);
    expect(nameOfError(() => put('', { Data: new Uint8Array(mib) }))).toBe(invalid);
    expect(stored(0)).toEqual([]);
    expect(putAll(entries(500)).FailedRecordCount).toBe(0);
    now += 1000;
    // All of the request is good; the shard has room for the first.
    expect(putAll(Array.from({ length: 10 }, () => entry(mib - 1))).FailedRecordCount).toBe(9);
    expect(put('', { PartitionKey: '😀'.repeat(256), ...high, StreamName: make('keys') }).ShardId).toBe(idOf(0));
  });

  const make = (name: string) => {
    create(1, name);
    return name;
  };

  it('is limited to 1000 records a second for each shard, record by record', () => {
    create(2);
    putAll(entries(500));
    expect(putAll([...entries(499), entry('high', high)]).FailedRecordCount).toBe(0);
    const { Records, FailedRecordCount } = putAll([entry('last'), entry('refused'), entry('also high', high)]);
    expect(FailedRecordCount).toBe(1);
    expect(Records!.map(({ ShardId, ErrorCode }) => ShardId ?? ErrorCode)).toEqual([idOf(0), overThroughput, idOf(1)]);
    expect(Records![1]!.ErrorMessage).toBe(`Rate exceeded for shard ${idOf(0)} in stream ${StreamName}`);
    expect(Records![1]).not.toHaveProperty('SequenceNumber');
    expect(nameOfError(() => putAt(0n))).toBe(overThroughput);
    expect([stored(0).length, stored(0).at(-1), stored(1)]).toEqual([1000, 'last', ['high', 'also high']]);
    now += 1000;
    expect(putAll(entries(500)).FailedRecordCount).toBe(0);
  });

  it('is limited to 1 MiB a second for each shard, keys counted', () => {
    create(2);
    const sizes = [mib / 2 - 1, mib / 2 - 1, 0];
    const codes = putAll([...sizes.map((size) => entry(size)), entry(mib - 1, high)]).Records!;
    expect(codes.map(({ ErrorCode }) => ErrorCode)).toEqual([undefined, undefined, overThroughput, undefined]);
    now += 1000;
    // What is too much is refused; what comes behind it and is not, is taken.
    const later = putAll([entry(mib - 10), entry(mib / 2), entry('small')]).Records!;
    expect(later.map(({ ErrorCode }) => ErrorCode)).toEqual([undefined, overThroughput, undefined]);
  });

  it('takes records of up to 10 MiB where the stream was set to, one in the second that has room for it', () => {
    create(2);
    const limit = () =>
      call<DescribeStreamSummaryOutput>('DescribeStreamSummary', { StreamName }).StreamDescriptionSummary!
        .MaxRecordSizeInKiB;
    expect(limit()).toBe(1_024);
    const StreamARN = kinesis.truth(StreamName).arn;
    const raise = (MaxRecordSizeInKiB: number) => call('UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB });
    for (const outside of [1_023, 10_241]) expect(nameOfError(() => raise(outside))).toBe(invalid);
    raise(3 * 1_024);
    expect(limit()).toBe(3 * 1_024);
    expect(nameOfError(() => put('', { Data: new Uint8Array(3 * mib) }))).toBe(invalid);
    const codesOf = (records: readonly object[]) => putAll(records).Records!.map(({ ErrorCode }) => ErrorCode);
    expect(codesOf([entry(3 * mib - 1), entry('behind'), entry(3 * mib - 10, high)])).toEqual([
      undefined,
      overThroughput,
      undefined,
    ]);
    // What was taken beyond the MiB of its second is missing in the next ones.
    now += 2_000;
    expect(codesOf([entry(mib), entry('small')])).toEqual([overThroughput, overThroughput]);
    now += 1_000;
    expect(codesOf([entry('small'), entry(2 * mib)])).toEqual([undefined, overThroughput]);
  });

  it('fails for single records where Kinesis behaves so', () => {
    create(1);
    kinesis.quirks.failsPut = (index) => (index === 1 ? 'InternalFailure' : undefined);
    const { Records, FailedRecordCount } = putAll([entry('a'), entry('b'), entry('c')]);
    expect(FailedRecordCount).toBe(1);
    expect(Records![1]).toEqual({ ErrorCode: 'InternalFailure', ErrorMessage: 'Internal Service Failure' });
    expect(stored(0)).toEqual(['a', 'c']);
  });

  it('to a stream that is not there is refused', () => {
    expect([nameOfError(() => put('a')), nameOfError(() => putAll([entry('a')]))]).toEqual([notFound, notFound]);
  });
});

describe('streams', () => {
  const summary = (input: object = { StreamName }) =>
    call<DescribeStreamSummaryOutput>('DescribeStreamSummary', input).StreamDescriptionSummary!;

  it('are there at once, under their name and their ARN', () => {
    call('CreateStream', { StreamName, ShardCount: 3 });
    expect(summary()).toMatchObject({
      StreamName,
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/stream',
      StreamStatus: 'ACTIVE',
      RetentionPeriodHours: 24,
      StreamCreationTimestamp: new Date(noon),
      OpenShardCount: 3,
    });
    expect(summary({ StreamARN: summary().StreamARN })).toEqual(summary());
    merge(0, 1);
    expect(summary().OpenShardCount).toBe(2);
    kinesis.createStream('kept', { shards: 1, retentionMs: hours(48) });
    expect(summary({ StreamName: 'kept' }).RetentionPeriodHours).toBe(48);
  });

  it('are made once, with a proper name and a shard at least', () => {
    create(1);
    const made = (name: string, ShardCount = 1) =>
      nameOfError(() => call('CreateStream', { StreamName: name, ShardCount }));
    expect([made(StreamName), made('a b'), made('n'.repeat(129)), made(''), made('none', 0)]).toEqual([
      inUse,
      ...Array(4).fill(invalid),
    ]);
    expect(made('n'.repeat(128))).toBe('none');
  });

  it('that were deleted are gone, and empty when they are made again', () => {
    create(1);
    put('a');
    call('DeleteStream', { StreamName, EnforceConsumerDeletion: true });
    for (const operation of ['DescribeStreamSummary', 'ListShards', 'DeleteStream'])
      expect(nameOfError(() => call(operation, { StreamName }))).toBe(notFound);
    expect(nameOfError(() => split(0, 5n))).toBe(notFound);
    create(1);
    expect(textsOf(read(from(0)))).toEqual([]);
  });

  it('are listed in order, a hundred at most', () => {
    for (let at = 149; at >= 0; at--) create(1, `stream-${String(at).padStart(3, '0')}`);
    const listed = (Limit?: number) => {
      const { StreamNames, HasMoreStreams } = call<ListStreamsOutput>('ListStreams', { Limit });
      return [StreamNames!.length, StreamNames![0], StreamNames!.at(-1), HasMoreStreams];
    };
    expect(listed()).toEqual([100, 'stream-000', 'stream-099', true]);
    expect(listed(1000)).toEqual(listed());
    expect(listed(2)).toEqual([2, 'stream-000', 'stream-001', true]);
    for (let at = 2; at < 150; at++) call('DeleteStream', { StreamName: `stream-${String(at).padStart(3, '0')}` });
    expect(listed(2)).toEqual([2, 'stream-000', 'stream-001', false]);
  });
});

describe('what is not simulated', () => {
  it.each<[string, () => object]>([
    ['EnableEnhancedMonitoring', () => ({})],
    ['DescribeStream', () => ({ StreamName })],
    ['UpdateStreamMode', () => ({ StreamName, TargetShardCount: 2 })],
    ['PutRecord', () => ({ StreamName, PartitionKey: 'k', Data: utf8(''), SequenceNumberForOrdering: '0' })],
    ['PutRecords', () => ({ StreamName, Records: [{ PartitionKey: 'k', Data: utf8(''), Extra: 1 }] })],
    ['GetRecords', () => ({ ShardIterator: from(0), StreamARN: 'arn:aws:kinesis:us-east-1:0:stream/other' })],
    ['GetShardIterator', () => ({ StreamName, ShardId: idOf(0), ShardIteratorType: 'LATEST', Extra: 1 })],
    ['ListShards', () => ({ StreamName, ShardFilter: { Type: 'AT_DAWN' } })],
    ['ListShards', () => ({ StreamName, ShardFilter: { Type: 'AT_LATEST', Extra: 1 } })],
    ['ListStreams', () => ({ ExclusiveStartStreamName: 'a' })],
    ['CreateStream', () => ({ StreamName: 'new', ShardCount: 1, StreamModeDetails: {} })],
    ['SplitShard', () => ({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: '5', Extra: 1 })],
  ])('%s ends the test and is no answer (%#)', (operation, input) => {
    create(1);
    const given = input();
    let thrown: unknown;
    try {
      call(operation, given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).not.toBeInstanceOf(ServiceError);
    expect((thrown as Error).message).toMatch('the simulated Kinesis does not know');
  });

  it('does not take a parameter for given that is undefined', () => {
    create(1);
    expect(nameOfError(() => put('a', { SequenceNumberForOrdering: undefined }))).toBe('none');
  });
});

it('gives the same answers to the same calls at the same times', () => {
  const run = (seed: number) => {
    const one = new SimulatedKinesis({ now: () => noon, random: new Random(seed) });
    one.createStream(StreamName, { shards: 2 });
    const Records = Array.from({ length: 20 }, (_, index) => ({ PartitionKey: `${index}`, Data: utf8('x') }));
    return [one.execute('PutRecords', { StreamName, Records }), one.execute('ListShards', { StreamName })];
  };
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
});
