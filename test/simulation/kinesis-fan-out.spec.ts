/** The simulated fan-out: consumers and their states, who may subscribe when, and what a subscription pushes when. */
import type {
  DescribeStreamConsumerOutput,
  ListStreamConsumersOutput,
  ListTagsForResourceOutput,
  PutRecordOutput,
  RegisterStreamConsumerOutput,
  StartingPosition,
} from '@aws-sdk/client-kinesis';
import { beforeEach, describe, expect, it } from 'vitest';
import { hours, noon, utf8 } from '../support/builders.ts';
import { Random } from './random.ts';
import { SimulatedKinesis } from './services/kinesis/simulated-kinesis.ts';
import type { Push, Subscription, SubscriptionEvent } from './services/kinesis/subscription.ts';
import { ServiceError } from './services/service-error.ts';

const StreamName = 'stream';
const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/stream';
const middle = 2n ** 127n;
const idOf = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`;
const invalid = 'InvalidArgumentException';
const notFound = 'ResourceNotFoundException';
const inUse = 'ResourceInUseException';
const limit = 'LimitExceededException';
const seconds = (count: number) => count * 1000;

let now: number;
let kinesis: SimulatedKinesis;
beforeEach(() => start(1));

function start(seed: number): void {
  now = noon;
  kinesis = new SimulatedKinesis({ now: () => now, random: new Random(seed) });
  kinesis.createStream(StreamName, { shards: 1 });
}

const call = <Answer = object>(operation: string, input: object) => kinesis.execute(operation, input) as Answer;
const put = (data: string, input: object = {}) =>
  call<PutRecordOutput>('PutRecord', { StreamName, PartitionKey: 'k', Data: utf8(data), ...input }).SequenceNumber!;
const split = (shard = 0) =>
  call('SplitShard', { StreamName, ShardToSplit: idOf(shard), NewStartingHashKey: String(middle) });

const register = (ConsumerName = 'one', input: object = {}) =>
  call<RegisterStreamConsumerOutput>('RegisterStreamConsumer', { StreamARN, ConsumerName, ...input }).Consumer!;
const describeConsumer = (input: object) =>
  call<DescribeStreamConsumerOutput>('DescribeStreamConsumer', input).ConsumerDescription!;
const statusOf = (ConsumerName = 'one') => describeConsumer({ StreamARN, ConsumerName }).ConsumerStatus;
const listed = (input: object = {}) => call<ListStreamConsumersOutput>('ListStreamConsumers', { StreamARN, ...input });

/** Its ARN, when it is ACTIVE. */
function consumer(name = 'one'): string {
  const arn = register(name).ConsumerARN!;
  now += seconds(10);
  return arn;
}

const subscribe = (ConsumerARN: string, position: StartingPosition = { Type: 'TRIM_HORIZON' }, shard = 0) =>
  call<{ readonly EventStream: Subscription }>('SubscribeToShard', {
    ConsumerARN,
    ShardId: idOf(shard),
    StartingPosition: position,
  }).EventStream;

/** The next push, at its time. */
function next(subscription: Subscription): Push {
  now = Math.max(now, subscription.nextAt());
  const push = subscription.take();
  if (push === undefined) throw new Error('nothing is due when it should be');
  return push;
}
function nextEvent(subscription: Subscription): SubscriptionEvent {
  const push = next(subscription);
  if (push.kind !== 'event') throw new Error(`${push.kind} instead of an event`);
  return push.event;
}
const textsIn = ({ Records }: SubscriptionEvent) =>
  (Records as readonly { readonly Data: Uint8Array }[]).map(({ Data }) => Buffer.from(Data).toString());

/** All events up to the tip, or to the end. */
function readAll(subscription: Subscription, until: 'tip' | 'end' = 'tip'): SubscriptionEvent[] {
  const events: SubscriptionEvent[] = [];
  for (;;) {
    const event = nextEvent(subscription);
    events.push(event);
    if (event.ChildShards !== undefined || (until === 'tip' && event.MillisBehindLatest === 0)) return events;
  }
}
const textsFrom = (arn: string, position: StartingPosition) => readAll(subscribe(arn, position)).flatMap(textsIn);

function nameOfError(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ServiceError) return error.name;
    throw error;
  }
  return 'none';
}

describe('a consumer', () => {
  it('is CREATING for a while, then ACTIVE, then DELETING for a while, then gone', () => {
    const { ConsumerARN, ConsumerStatus, ConsumerCreationTimestamp } = register();
    expect([ConsumerStatus, ConsumerCreationTimestamp]).toEqual(['CREATING', new Date(noon)]);
    const states: string[] = [];
    const watch = (): void => {
      for (let count = 0; count < 100; count++) {
        states.push(nameOfStatus());
        now += 100;
      }
    };
    const nameOfStatus = () => {
      try {
        return statusOf()!;
      } catch (error) {
        return (error as Error).name;
      }
    };
    watch();
    call('DeregisterStreamConsumer', { ConsumerARN });
    watch();
    expect(states.filter((state, at) => state !== states[at - 1])).toEqual([
      'CREATING',
      'ACTIVE',
      'DELETING',
      notFound,
    ]);
    expect(states.filter((state) => state === 'CREATING').length).toBeGreaterThanOrEqual(10);
    expect(states.filter((state) => state === 'DELETING').length).toBeGreaterThanOrEqual(10);
  });

  it('has an ARN with the second of its creation: one of the same name has another', () => {
    const first = consumer();
    expect(first).toBe(`${StreamARN}/consumer/one:${noon / 1000}`);
    call('DeregisterStreamConsumer', { ConsumerARN: first });
    expect(nameOfError(() => register())).toBe(inUse);
    now += seconds(10);
    const second = consumer();
    expect(second).not.toBe(first);
    expect(nameOfError(() => describeConsumer({ ConsumerARN: first }))).toBe(notFound);
    expect(describeConsumer({ ConsumerARN: second })).toMatchObject({ ConsumerName: 'one', StreamARN });
  });

  it('is described by its ARN, or by its stream and its name, and not by parts that do not agree', () => {
    const ConsumerARN = consumer();
    const described = describeConsumer({ ConsumerARN });
    expect(described).toEqual({
      ConsumerName: 'one',
      ConsumerARN,
      ConsumerStatus: 'ACTIVE',
      ConsumerCreationTimestamp: new Date(noon),
      StreamARN,
    });
    expect(describeConsumer({ StreamARN, ConsumerName: 'one' })).toEqual(described);
    expect(describeConsumer({ StreamARN, ConsumerName: 'one', ConsumerARN })).toEqual(described);
    expect(nameOfError(() => describeConsumer({ ConsumerARN, ConsumerName: 'two' }))).toBe(notFound);
    expect(nameOfError(() => describeConsumer({ StreamARN }))).toBe(invalid);
    expect(nameOfError(() => describeConsumer({ StreamARN, ConsumerName: 'two' }))).toBe(notFound);
  });

  it.each([
    ['a name that is taken', inUse, () => [register(), register()]],
    ['a name of other characters', invalid, () => register('a b')],
    ['a stream that is not there', notFound, () => register('one', { StreamARN: `${StreamARN}s` })],
    ['a sixth that is CREATING', limit, () => creating(6)],
    ['a twenty-first', limit, () => registerSlowly(21)],
    [
      'a sixth call in a second',
      limit,
      () => Array.from({ length: 6 }, () => nameOfError(() => register())) && register('x'),
    ],
  ])('%s is refused with %s', (_, error, act) => {
    expect(nameOfError(act)).toBe(error);
  });

  function creating(count: number): void {
    kinesis.quirks.consumerMs = [60_000, 60_000];
    for (let at = 0; at < count; at++) {
      register(`consumer-${at}`);
      now += 300;
    }
  }
  function registerSlowly(count: number): void {
    for (let at = 0; at < count; at++) consumer(`consumer-${at}`);
  }

  it('makes room when it is gone', () => {
    for (let at = 0; at < 20; at++) consumer(`consumer-${at}`);
    call('DeregisterStreamConsumer', { StreamARN, ConsumerName: 'consumer-3' });
    expect(nameOfError(() => register())).toBe(limit);
    now += seconds(10);
    expect(register().ConsumerStatus).toBe('CREATING');
  });

  it('is listed with the others, page by page, and counted', () => {
    for (const name of ['b', 'c', 'a']) consumer(name);
    const first = listed({ MaxResults: 2 });
    const names = ({ Consumers }: ListStreamConsumersOutput) => Consumers!.map(({ ConsumerName }) => ConsumerName);
    expect([names(first), names(listed({ NextToken: first.NextToken })), names(listed())]).toEqual([
      ['a', 'b'],
      ['c'],
      ['a', 'b', 'c'],
    ]);
    expect(listed().NextToken).toBeUndefined();
    const { StreamDescriptionSummary } = call<{ readonly StreamDescriptionSummary: object }>('DescribeStreamSummary', {
      StreamName,
    });
    expect(StreamDescriptionSummary).toMatchObject({ ConsumerCount: 3 });
    now += seconds(301);
    expect(nameOfError(() => listed({ NextToken: first.NextToken }))).toBe('ExpiredNextTokenException');
  });

  it('has tags from its registration on, and others later', () => {
    const ConsumerARN = register('one', { Tags: { pipeline: 'sales' } }).ConsumerARN!;
    const tags = (ResourceARN: string) => call<ListTagsForResourceOutput>('ListTagsForResource', { ResourceARN }).Tags;
    expect(tags(ConsumerARN)).toEqual([{ Key: 'pipeline', Value: 'sales' }]);
    call('TagResource', { ResourceARN: ConsumerARN, Tags: { pipeline: 'returns', team: '' } });
    expect(tags(ConsumerARN)).toEqual([
      { Key: 'pipeline', Value: 'returns' },
      { Key: 'team', Value: '' },
    ]);
    expect(tags(StreamARN)).toEqual([]);
    expect(nameOfError(() => tags(`${ConsumerARN}0`))).toBe(notFound);
  });

  it('keeps its stream from being deleted, unless that is meant', () => {
    const arn = consumer();
    expect(nameOfError(() => call('DeleteStream', { StreamName }))).toBe(inUse);
    const subscription = subscribe(arn);
    call('DeleteStream', { StreamName, EnforceConsumerDeletion: true });
    expect(next(subscription)).toMatchObject({ kind: 'failure', error: { name: notFound } });
  });
});

describe('SubscribeToShard', () => {
  it.each<[string, string, () => unknown]>([
    ['for a consumer that is CREATING', inUse, () => subscribe(register().ConsumerARN!)],
    ['for one that is DELETING', notFound, () => subscribe(deregistered())],
    ['for one that is gone', notFound, () => subscribe(gone())],
    ['to a shard that is not there', notFound, () => subscribe(consumer(), { Type: 'LATEST' }, 7)],
    [
      'from a time to come',
      invalid,
      () => subscribe(consumer(), { Type: 'AT_TIMESTAMP', Timestamp: new Date(now + 60_000) }),
    ],
    ['from no number', invalid, () => subscribe(consumer(), { Type: 'AFTER_SEQUENCE_NUMBER' })],
    ['without a position', invalid, () => call('SubscribeToShard', { ConsumerARN: consumer(), ShardId: idOf(0) })],
  ])('%s is refused with %s', (_, error, act) => {
    expect(nameOfError(act)).toBe(error);
  });
  function deregistered(): string {
    const ConsumerARN = consumer();
    call('DeregisterStreamConsumer', { ConsumerARN });
    return ConsumerARN;
  }
  function gone(): string {
    const arn = deregistered();
    now += seconds(10);
    return arn;
  }

  it.each([
    [1_000, inUse],
    [4_999, inUse],
    [5_000, 'none'],
  ])('%i ms after it succeeded, for the same consumer and shard: %s', (ms, expected) => {
    const arn = consumer();
    subscribe(arn);
    now += ms;
    expect(nameOfError(() => subscribe(arn))).toBe(expected);
  });

  it('may be called once a second, whether or not it succeeds', () => {
    const arn = consumer();
    subscribe(arn);
    const names = [200, 400, 400, 400].map((ms) => {
      now += ms;
      return nameOfError(() => subscribe(arn));
    });
    expect(names).toEqual([limit, limit, inUse, limit]);
  });

  it('is free for other shards and other consumers', () => {
    const [one, two] = [consumer('one'), consumer('two')];
    split();
    const shards = [0, 1, 2].map((shard) => subscribe(one, { Type: 'TRIM_HORIZON' }, shard));
    shards.push(subscribe(two));
    expect(shards.map(({ isOver }) => isOver)).toEqual([false, false, false, false]);
  });

  it('takes over from the one before, which ends or fails with ResourceInUseException', () => {
    const endings = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      start(seed);
      const arn = consumer();
      const first = subscribe(arn);
      now += seconds(5);
      const second = subscribe(arn);
      const push = next(first);
      endings.add(push.kind === 'failure' ? push.error.name : push.kind);
      expect([first.isOver, second.isOver]).toEqual([true, false]);
      put('a');
      expect(first.take()).toBeUndefined();
      expect(readAll(second).flatMap(textsIn)).toEqual(['a']);
    }
    expect([...endings].sort()).toEqual([inUse, 'end']);
  });
});

describe('a subscription', () => {
  it('starts at each kind of position', () => {
    const arn = consumer();
    const numbers = ['a', 'b', 'c'].map((text) => {
      now += 100;
      return put(text);
    });
    const timeOfB = new Date(now - 100);
    now += 100;
    const positions: readonly (readonly [StartingPosition, readonly string[]])[] = [
      [{ Type: 'TRIM_HORIZON' }, ['a', 'b', 'c']],
      [{ Type: 'LATEST' }, []],
      [{ Type: 'AT_TIMESTAMP', Timestamp: timeOfB }, ['b', 'c']],
      [{ Type: 'AT_TIMESTAMP', Timestamp: new Date(noon - hours(48)) }, ['a', 'b', 'c']],
      [{ Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: numbers[1] }, ['b', 'c']],
      [{ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: numbers[1] }, ['c']],
    ];
    for (const [position, texts] of positions) {
      now += seconds(6);
      expect(textsFrom(arn, position), position.Type).toEqual(texts);
    }
  });

  it('pushes a record within 70 ms of its arrival, once', () => {
    const subscription = subscribe(consumer(), { Type: 'LATEST' });
    const told: number[] = [];
    subscription.onChange(() => told.push(now));
    if (subscription.nextAt() === now) nextEvent(subscription);
    now += 300;
    const at = now;
    const SequenceNumber = put('a');
    expect(told).toEqual([at]);
    expect(subscription.take()).toBeUndefined();
    expect(subscription.nextAt()).toBe(at + 70);
    const event = nextEvent(subscription);
    expect(event).toMatchObject({
      Records: [{ SequenceNumber, PartitionKey: 'k', Data: utf8('a'), ApproximateArrivalTimestamp: new Date(at) }],
      MillisBehindLatest: 0,
    });
    expect(textsIn(nextEvent(subscription))).toEqual([]);
  });

  it.each([1_000, 5_000])('is heard of every %i ms while the shard is idle, with numbers that grow', (idleMs) => {
    kinesis.quirks.idleEventMs = idleMs;
    const first = put('a');
    const subscription = subscribe(consumer(), { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: first });
    const heard = Array.from({ length: 4 }, () => ({ ...nextEvent(subscription), at: now }));
    expect(heard.slice(1).map(({ at }, index) => at - heard[index]!.at)).toEqual([idleMs, idleMs, idleMs]);
    const numbers = [first, ...heard.map(({ ContinuationSequenceNumber }) => ContinuationSequenceNumber!)];
    expect(numbers.slice(1).every((number, at) => BigInt(number) > BigInt(numbers[at]!))).toBe(true);
    for (const { Records, MillisBehindLatest } of heard) expect([Records, MillisBehindLatest]).toEqual([[], 0]);
  });

  it('of an idle shard is first heard of at once or when an event is due', () => {
    const waits = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      start(seed);
      const subscription = subscribe(consumer(), { Type: 'LATEST' });
      waits.add(subscription.nextAt() - now);
    }
    expect([...waits].sort((one, other) => one - other)).toEqual([0, 1_000]);
  });

  it.each(['AFTER_SEQUENCE_NUMBER', 'AT_SEQUENCE_NUMBER'] as const)(
    'goes on %s any ContinuationSequenceNumber without a gap; with the former, without a repeat',
    (Type) => {
      for (let seed = 1; seed <= 10; seed++) {
        start(seed);
        const arn = consumer();
        const all = Array.from({ length: 12 }, (_, at) => String(at));
        for (const text of all) put(text);
        kinesis.quirks.pageRecords = 3;
        const read: string[] = [];
        let position: StartingPosition = { Type: 'TRIM_HORIZON' };
        while (read.length < all.length) {
          now += seconds(6);
          const event = nextEvent(subscribe(arn, position));
          const texts = textsIn(event);
          // At a number of a record, that record comes again.
          read.push(...(texts[0] === read.at(-1) ? texts.slice(1) : texts));
          if (Type === 'AFTER_SEQUENCE_NUMBER') expect(texts[0]).not.toBe(read.at(-1 - texts.length));
          position = { Type, SequenceNumber: event.ContinuationSequenceNumber };
        }
        expect(read).toEqual(all);
      }
    },
  );

  it('tells how far behind it is, also with nothing to show for an empty stretch', () => {
    const arn = consumer();
    const began = now;
    now += hours(1);
    put('late');
    now += 100;
    kinesis.quirks.stretchMs = hours(1) / 2;
    const events = readAll(subscribe(arn, { Type: 'AT_TIMESTAMP', Timestamp: new Date(began) }));
    expect(events.flatMap(textsIn)).toEqual(['late']);
    expect(events[0]).toMatchObject({ Records: [], MillisBehindLatest: hours(1) / 2 + 100 });
    expect(events[0]!.ContinuationSequenceNumber).toMatch(/^49\d{54}$/);
  });

  it('is never farther behind than its shard is old', () => {
    const arn = consumer();
    kinesis.quirks.stretchMs = seconds(4);
    put('a');
    now += 100;
    const events = readAll(subscribe(arn));
    expect(events.map(({ MillisBehindLatest }) => MillisBehindLatest)).toEqual([6_100, 2_100, 0]);
    expect(events.map(textsIn)).toEqual([[], [], ['a']]);
  });

  it('gives 2 MiB a second, in events of at most 1 MiB', () => {
    const arn = consumer();
    const large = new Uint8Array(500_000);
    for (let at = 0; at < 12; at++) {
      put('', { Data: large });
      now += 500;
    }
    const began = now;
    const events = readAll(subscribe(arn));
    expect(events.map(({ Records }) => Records.length)).toEqual([2, 2, 2, 2, 2, 2]);
    const bytes = 10 * 500_001;
    expect(now - began).toBeGreaterThanOrEqual((bytes / 2_097_152) * 1000);
    expect(now - began).toBeLessThan((bytes / 2_097_152) * 1000 + 100);
  });

  it('ends after five minutes', () => {
    const subscription = subscribe(consumer());
    const began = now;
    const pushes = Array.from({ length: 400 }, () => (subscription.isOver ? undefined : next(subscription)));
    expect(pushes.filter((push) => push?.kind === 'event').length).toBeGreaterThanOrEqual(299);
    expect(pushes.filter((push) => push?.kind === 'end')).toHaveLength(1);
    expect(now - began).toBe(300_000);
    expect(subscription.nextAt()).toBe(Number.POSITIVE_INFINITY);
  });

  it('at the end of its shard names the children, has no number to go on from, and ends', () => {
    const forms = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      start(seed);
      const arn = consumer();
      const subscription = subscribe(arn);
      put('last');
      split();
      const events = readAll(subscription, 'end');
      const last = events.at(-1)!;
      expect(events.flatMap(textsIn)).toEqual(['last']);
      expect(last.ContinuationSequenceNumber).toBeUndefined();
      expect(last.ChildShards).toEqual([
        { ShardId: idOf(1), ParentShards: [idOf(0)], HashKeyRange: rangeOf(0n, middle - 1n) },
        { ShardId: idOf(2), ParentShards: [idOf(0)], HashKeyRange: rangeOf(middle, 2n ** 128n - 1n) },
      ]);
      expect(next(subscription)).toEqual({ kind: 'end' });
      forms.add(`${last.Records.length} of ${events.length}`);
      now += seconds(5);
      expect(readAll(subscribe(arn, { Type: 'LATEST' })).at(-1)!.ChildShards).toEqual(last.ChildShards);
    }
    // The end comes with the last records, or after them.
    expect(forms).toContain('1 of 1');
    expect(forms).toContain('0 of 2');
  });
  const rangeOf = (start: bigint, end: bigint) => ({ StartingHashKey: String(start), EndingHashKey: String(end) });

  it('from a record that retention took starts with the oldest that is left, unless trimmed numbers are refused', () => {
    const arn = consumer();
    const [trimmed] = [put('a'), put('b')];
    now += hours(12);
    put('c');
    now += hours(13);
    const from = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: trimmed } as const;
    expect(textsFrom(arn, from)).toEqual(['c']);
    now += seconds(5);
    kinesis.quirks.refusesTrimmed = true;
    expect(nameOfError(() => subscribe(arn, from))).toBe(invalid);
  });

  it('goes over what retention takes while it is behind', () => {
    const arn = consumer();
    put('a');
    kinesis.quirks.pageRecords = 1;
    now += hours(12);
    put('b');
    const subscription = subscribe(arn);
    now += hours(13);
    // Five minutes are over long before; a service that is slow to end it still gives nothing that is gone.
    expect(next(subscription).kind).toBe('end');
    expect(textsFrom(arn, { Type: 'TRIM_HORIZON' })).toEqual(['b']);
  });

  it('fails when its consumer is deregistered', () => {
    const arn = consumer();
    const subscription = subscribe(arn);
    call('DeregisterStreamConsumer', { ConsumerARN: arn });
    expect(next(subscription)).toMatchObject({ kind: 'failure', error: { name: notFound } });
  });

  it('fails where reads of its shard fail', () => {
    const subscription = subscribe(consumer());
    kinesis.quirks.failsReads = () => true;
    put('a');
    expect(next(subscription)).toMatchObject({ kind: 'failure', error: { name: 'InternalFailure' } });
  });
});

describe('UpdateShardCount', () => {
  const scale = (TargetShardCount: number) =>
    call('UpdateShardCount', { StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' });
  const widths = () =>
    kinesis.truth(StreamName).openShards.map(({ hashRange }) => hashRange.end - hashRange.start + 1n);

  it('makes shards of one width by splits and merges, some of which live for a moment only', () => {
    for (const [target, made] of [
      [2, 2],
      [3, 5],
      [2, 4],
      [1, 1],
    ] as const) {
      const before = kinesis.truth(StreamName).shards.length;
      scale(target);
      expect(widths().every((width) => width / 2n ** 100n === 2n ** 28n / BigInt(target))).toBe(true);
      expect(widths()).toHaveLength(target);
      expect(kinesis.truth(StreamName).shards.length - before).toBe(made);
    }
  });

  it('keeps every record, and gives later ones to descendants of their shards', () => {
    const arn = consumer();
    put('before');
    scale(2);
    put('after');
    expect(textsFrom(arn, { Type: 'TRIM_HORIZON' })).toEqual(['before']);
    expect(kinesis.truth(StreamName).openShards.flatMap(({ records }) => records)).toHaveLength(1);
  });

  it('goes to double or half at most, ten times a day', () => {
    expect([3, 0].map((target) => nameOfError(() => scale(target)))).toEqual([limit, invalid]);
    for (let count = 0; count < 10; count++) scale(count % 2 === 0 ? 2 : 1);
    expect(nameOfError(() => scale(2))).toBe(limit);
    now += hours(24);
    expect(nameOfError(() => scale(2))).toBe('none');
    scale(4);
    expect(nameOfError(() => scale(1))).toBe(limit);
  });
});

it('the same calls at the same times have the same answers', () => {
  const run = (): string => {
    start(7);
    const arn = consumer();
    const subscription = subscribe(arn);
    const pushes: unknown[] = [];
    for (let count = 0; count < 60; count++) {
      if (count % 4 === 0) put(String(count));
      if (count === 40) split();
      if (!subscription.isOver) pushes.push(now, next(subscription));
    }
    return JSON.stringify(pushes);
  };
  expect(run()).toBe(run());
});
