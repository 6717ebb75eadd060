/**
 * Fan-out and scaling on the embedded and the simulated Kinesis side by side: equal where the product needs them to be,
 * different where the list says so. Deregistration is not compared: on the embedded one a consumer is gone at once, or
 * stays DELETING for good where it was ACTIVE for a moment only.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  type DescribeStreamConsumerInput,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  ListStreamConsumersCommand,
  ListTagsForResourceCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
  type SubscribeToShardOutput,
  TagResourceCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinesisClient, localCredentials } from '../../local/services/clients.ts';
import { type EmbeddedKinesis, startEmbeddedKinesis } from '../../local/services/embedded-kinesis.ts';
import { Random } from '../simulation/random.ts';
import { eventsOf } from '../simulation/services/kinesis/event-stream.ts';
import { SimulatedKinesis } from '../simulation/services/kinesis/simulated-kinesis.ts';
import { Subscription } from '../simulation/services/kinesis/subscription.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { noon, utf8 } from '../support/builders.ts';
import { region } from '../support/world.ts';
import { type FanOutDifferenceName, fanOutDifferences } from './fan-out-differences.ts';

type Both<Value> = { readonly embedded: Value; readonly simulated: Value };
type Side = keyof Both<unknown>;

const callMs = 300;
let now = noon;
const simulated = new SimulatedKinesis({ now: () => now, random: new Random(3) });
let server: EmbeddedKinesis;
let clients: Both<KinesisClient>;
beforeAll(async () => {
  server = await startEmbeddedKinesis();
  clients = {
    embedded: kinesisClient({ endpoint: server.endpoint, region, credentials: localCredentials, maxAttempts: 1 }),
    simulated: serviceClient<KinesisClient>(execute, { date: () => now }),
  };
});
afterAll(async () => {
  clients.embedded.destroy();
  await server.stop();
});

function execute(operation: string, input: unknown): object {
  now += callMs;
  const output = simulated.execute(operation, input);
  const { EventStream } = output as { readonly EventStream?: unknown };
  if (!(EventStream instanceof Subscription)) return output;
  const events = eventsOf(EventStream, async (time) => {
    now = Math.max(now, time);
  });
  return { EventStream: events };
}

type Outcome = { readonly answer?: Record<string, unknown>; readonly error?: string };

async function outcomeOf(side: Side, command: object): Promise<Outcome> {
  try {
    const { $metadata: _, ...answer } = (await clients[side].send(command as never)) as unknown as Record<
      string,
      unknown
    >;
    return { answer };
  } catch (error) {
    return { error: (error as Error).name };
  }
}

const sides = ['embedded', 'simulated'] as const;
async function each<Value>(act: (side: Side) => Promise<Value>): Promise<Both<Value>> {
  return { embedded: await act('embedded'), simulated: await act('simulated') };
}
const onBoth = (command: (side: Side) => object) => each((side) => outcomeOf(side, command(side)));

const idOf = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`;
const middle = 2n ** 127n;
const arnOf = (stream: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`;

async function newStream(shards = 1): Promise<string> {
  const StreamName = `stream-${randomUUID()}`;
  await onBoth(() => new CreateStreamCommand({ StreamName, ShardCount: shards }));
  await untilActive(StreamName);
  return StreamName;
}

async function untilActive(StreamName: string): Promise<void> {
  for (;;) {
    const { answer } = await outcomeOf('embedded', new DescribeStreamSummaryCommand({ StreamName }));
    const { StreamStatus } = answer!.StreamDescriptionSummary as { readonly StreamStatus: string };
    if (StreamStatus === 'ACTIVE') return;
    await sleep(10);
  }
}

const register = (stream: string, ConsumerName = 'one', Tags?: Record<string, string>) =>
  onBoth(
    () => new RegisterStreamConsumerCommand({ StreamARN: arnOf(stream), ConsumerName, ...(Tags ? { Tags } : {}) }),
  );
const describeBy = (input: (side: Side) => DescribeStreamConsumerInput) =>
  onBoth((side) => new DescribeStreamConsumerCommand(input(side)));
const statusOf = async (side: Side, stream: string, ConsumerName = 'one'): Promise<unknown> => {
  const described = await outcomeOf(
    side,
    new DescribeStreamConsumerCommand({ StreamARN: arnOf(stream), ConsumerName }),
  );
  const { ConsumerStatus } = (described.answer?.ConsumerDescription ?? {}) as { readonly ConsumerStatus?: string };
  return ConsumerStatus ?? described.error;
};

/** Their ARNs, when they are ACTIVE. */
async function consumers(stream: string, name = 'one'): Promise<Both<string>> {
  const registered = await register(stream, name);
  for (const side of sides) while ((await statusOf(side, stream, name)) !== 'ACTIVE') await sleep(20);
  const arn = (side: Side) => (registered[side].answer!.Consumer as { readonly ConsumerARN: string }).ConsumerARN;
  return { embedded: arn('embedded'), simulated: arn('simulated') };
}

const put = (StreamName: string, text: string) =>
  onBoth(() => new PutRecordCommand({ StreamName, PartitionKey: 'k', ExplicitHashKey: '0', Data: utf8(text) }));
const numberIn = ({ answer }: Outcome) => answer!.SequenceNumber as string;
const splitCommand = (StreamName: string) => () =>
  new SplitShardCommand({ StreamName, ShardToSplit: idOf(0), NewStartingHashKey: String(middle) });

type Taken = { readonly events: SubscribeToShardEvent[]; readonly isEnd: boolean; readonly error?: string };

/** So many events, or fewer if the stream ends; `meanwhile` is done when it is open. */
async function take(
  side: Side,
  arns: Both<string>,
  options: {
    readonly count: number;
    readonly position?: StartingPosition;
    readonly shard?: number;
    readonly meanwhile?: () => Promise<void>;
  },
): Promise<Taken> {
  const { count, position = { Type: 'TRIM_HORIZON' as const }, shard = 0 } = options;
  const abortion = new AbortController();
  const events: SubscribeToShardEvent[] = [];
  const input = { ConsumerARN: arns[side], ShardId: idOf(shard), StartingPosition: position };
  try {
    const answer: SubscribeToShardOutput = await clients[side].send(new SubscribeToShardCommand(input), {
      abortSignal: abortion.signal,
    });
    await options.meanwhile?.();
    for await (const { SubscribeToShardEvent: event } of answer.EventStream!) {
      events.push(event!);
      if (events.length === count) return { events, isEnd: false };
    }
    return { events, isEnd: true };
  } catch (error) {
    return { events, isEnd: true, error: (error as Error).name };
  } finally {
    abortion.abort();
  }
}
const textsOf = ({ events }: Taken) =>
  events.flatMap(({ Records }) => Records!.map(({ Data }) => Buffer.from(Data!).toString()));

describe('both', () => {
  it('register a consumer, and describe it by its ARN and by its name', async () => {
    const stream = await newStream();
    const arns = await consumers(stream);
    const byArn = await describeBy((side) => ({ ConsumerARN: arns[side] }));
    const byName = await describeBy(() => ({ StreamARN: arnOf(stream), ConsumerName: 'one' }));
    for (const side of sides) {
      expect(arns[side]).toMatch(new RegExp(`^${arnOf(stream)}/consumer/one:\\d{10}$`));
      expect(byArn[side].answer).toEqual({
        ConsumerDescription: {
          ConsumerName: 'one',
          ConsumerARN: arns[side],
          ConsumerStatus: 'ACTIVE',
          ConsumerCreationTimestamp: expect.any(Date),
          StreamARN: arnOf(stream),
        },
      });
      expect(byName[side]).toEqual(byArn[side]);
    }
  });

  it('refuse what is wrong by the same names', async () => {
    const stream = await newStream();
    const StreamARN = arnOf(stream);
    const arns = await consumers(stream);
    const StartingPosition = { Type: 'LATEST' } as const;
    const wrong: readonly (readonly [string, (side: Side) => object])[] = [
      ['ResourceInUseException', () => new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'one' })],
      [
        'ResourceNotFoundException',
        () => new RegisterStreamConsumerCommand({ StreamARN: `${StreamARN}x`, ConsumerName: 'a' }),
      ],
      ['InvalidArgumentException', () => new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'a b' })],
      ['ResourceNotFoundException', () => new DescribeStreamConsumerCommand({ StreamARN, ConsumerName: 'two' })],
      ['InvalidArgumentException', () => new DescribeStreamConsumerCommand({ StreamARN })],
      ['ResourceNotFoundException', (side) => new DescribeStreamConsumerCommand({ ConsumerARN: `${arns[side]}0` })],
      ['ResourceNotFoundException', () => new DeregisterStreamConsumerCommand({ StreamARN, ConsumerName: 'two' })],
      ['ResourceInUseException', () => new DeleteStreamCommand({ StreamName: stream })],
      [
        'ResourceNotFoundException',
        (side) => new SubscribeToShardCommand({ ConsumerARN: `${arns[side]}0`, ShardId: idOf(0), StartingPosition }),
      ],
    ];
    for (const [name, command] of wrong) {
      const both = await onBoth(command);
      expect(both).toEqual({ embedded: { error: name }, simulated: { error: name } });
    }
  });

  it('keep the tags that TagResource sets', async () => {
    const arns = await consumers(await newStream());
    await onBoth((side) => new TagResourceCommand({ ResourceARN: arns[side], Tags: { pipeline: 'sales' } }));
    const tags = await onBoth((side) => new ListTagsForResourceCommand({ ResourceARN: arns[side] }));
    for (const side of sides) expect(tags[side].answer).toEqual({ Tags: [{ Key: 'pipeline', Value: 'sales' }] });
  });

  it('give the records from each kind of position, each to its consumer', async () => {
    const stream = await newStream();
    const numbers: Both<Outcome>[] = [];
    for (const text of ['a', 'b', 'c']) numbers.push(await put(stream, text));
    const positions: readonly (readonly [string, (side: Side) => StartingPosition, readonly string[]])[] = [
      ['first', () => ({ Type: 'TRIM_HORIZON' }), ['a', 'b', 'c']],
      ['second', () => ({ Type: 'LATEST' }), []],
      ['third', () => ({ Type: 'AT_TIMESTAMP', Timestamp: new Date(noon - 3_600_000) }), ['a', 'b', 'c']],
      ['fourth', (side) => ({ Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: numberIn(numbers[1]![side]) }), ['b', 'c']],
      ['fifth', (side) => ({ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: numberIn(numbers[1]![side]) }), ['c']],
    ];
    for (const [name, position, texts] of positions) {
      const arns = await consumers(stream, name);
      const taken = await each((side) => take(side, arns, { count: 1, position: position(side) }));
      expect([name, textsOf(taken.embedded), textsOf(taken.simulated)]).toEqual([name, texts, texts]);
      for (const side of sides) expect(taken[side].events[0]).toMatchObject({ MillisBehindLatest: 0 });
    }
  });

  it('go on after the ContinuationSequenceNumber of an event', async () => {
    const stream = await newStream();
    await put(stream, 'a');
    const [first, second] = [await consumers(stream, 'first'), await consumers(stream, 'second')];
    const before = await each((side) => take(side, first, { count: 1 }));
    await put(stream, 'b');
    const after = await each((side) =>
      take(side, second, {
        count: 1,
        position: {
          Type: 'AFTER_SEQUENCE_NUMBER',
          SequenceNumber: before[side].events[0]!.ContinuationSequenceNumber,
        },
      }),
    );
    for (const side of sides) expect([textsOf(before[side]), textsOf(after[side])]).toEqual([['a'], ['b']]);
  });

  it('scale to the count that was asked for', async () => {
    const stream = await newStream(2);
    for (const target of [4, 3, 2]) {
      const both = await onBoth(() => scaleCommand(stream, target));
      await untilActive(stream);
      for (const side of sides) expect(both[side].answer).toMatchObject({ TargetShardCount: target });
      expect(await each((side) => openShards(side, stream).then(({ length }) => length))).toEqual({
        embedded: target,
        simulated: target,
      });
    }
  });
});

const scaleCommand = (StreamName: string, TargetShardCount: number) =>
  new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' });

type Listed = {
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: { readonly EndingSequenceNumber?: string };
};
async function openShards(side: Side, StreamName: string): Promise<readonly Listed[]> {
  const { answer } = await outcomeOf(side, new ListShardsCommand({ StreamName }));
  return (answer!.Shards as Listed[]).filter(
    ({ SequenceNumberRange }) => SequenceNumberRange.EndingSequenceNumber === undefined,
  );
}

const shows: Record<FanOutDifferenceName, () => Promise<void>> = {
  async 'tags of a registration'() {
    const registered = await register(await newStream(), 'one', { pipeline: 'sales' });
    const tags = await onBoth((side) => {
      const { ConsumerARN } = registered[side].answer!.Consumer as { readonly ConsumerARN: string };
      return new ListTagsForResourceCommand({ ResourceARN: ConsumerARN });
    });
    expect(tags).toEqual({
      embedded: { answer: { Tags: [] } },
      simulated: { answer: { Tags: [{ Key: 'pipeline', Value: 'sales' }] } },
    });
  },
  async 'consumer that is CREATING'() {
    simulated.quirks.consumerMs = [20_000, 20_000];
    const registered = await register(await newStream());
    simulated.quirks.consumerMs = [1_000, 8_000];
    const arn = (side: Side) => (registered[side].answer!.Consumer as { readonly ConsumerARN: string }).ConsumerARN;
    const arns = { embedded: arn('embedded'), simulated: arn('simulated') };
    const taken = await each((side) => take(side, arns, { count: 1 }));
    expect([taken.embedded.error, taken.simulated.error]).toEqual([undefined, 'ResourceInUseException']);
  },
  async 'consumers that are CREATING at once'() {
    simulated.quirks.consumerMs = [20_000, 20_000];
    const stream = await newStream();
    const errors = [];
    for (let at = 0; at < 6; at++) errors.push(await register(stream, `consumer-${at}`));
    simulated.quirks.consumerMs = [1_000, 8_000];
    expect(errors.map(({ embedded }) => embedded.error)).toEqual(Array(6).fill(undefined));
    expect(errors.map(({ simulated: other }) => other.error)).toEqual([
      ...Array(5).fill(undefined),
      'LimitExceededException',
    ]);
  },
  async 'second subscription'() {
    const stream = await newStream();
    const arns = await consumers(stream);
    const seconds = await each(async (side) => {
      let second: Taken | undefined;
      const meanwhile = async () => {
        // Past the five seconds of AWS, on either side's clock.
        now += 6_000;
        if (side === 'embedded') await sleep(5_500);
        second = await take(side, arns, { count: 1 });
      };
      const first = await take(side, arns, { count: 3, meanwhile });
      return { second: second!.error, first: first.isEnd };
    });
    expect(seconds).toEqual({
      embedded: { second: 'ResourceInUseException', first: false },
      simulated: { second: undefined, first: true },
    });
  },
  async 'end of a shard by fan-out'() {
    const stream = await newStream();
    await put(stream, 'last');
    const arns = await consumers(stream);
    await onBoth(splitCommand(stream));
    await untilActive(stream);
    const { embedded, simulated: other } = await each((side) => take(side, arns, { count: 3 }));
    expect([textsOf(embedded), embedded.isEnd, embedded.events.length]).toEqual([['last'], false, 3]);
    expect(embedded.events.some(({ ChildShards }) => ChildShards !== undefined)).toBe(false);
    expect([textsOf(other), other.isEnd]).toEqual([['last'], true]);
    expect(other.events.at(-1)!.ChildShards!.map(({ ShardId }) => ShardId)).toEqual([idOf(1), idOf(2)]);
    expect(other.events.at(-1)!.ContinuationSequenceNumber).toBeUndefined();
  },
  async 'time of events'() {
    const arns = await consumers(await newStream());
    const took = await each(async (side) => {
      const clock = side === 'embedded' ? Date.now : () => now;
      const began = clock();
      let opened = 0;
      const meanwhile = async () => {
        opened = clock() - began;
      };
      await take(side, arns, { count: 1, meanwhile });
      return opened;
    });
    expect(took.embedded).toBeGreaterThan(700);
    expect(took.simulated).toBe(callMs);
  },
  async 'numbers to go on from'() {
    const stream = await newStream();
    const arns = await consumers(stream);
    const taken = await each((side) => take(side, arns, { count: 3 }));
    const numbers = (side: Side) => taken[side].events.map((event) => event.ContinuationSequenceNumber);
    expect(new Set(numbers('embedded')).size).toBe(1);
    expect(new Set(numbers('simulated')).size).toBe(3);
  },
  async 'subscription to no shard'() {
    const arns = await consumers(await newStream());
    const taken = await each((side) => take(side, arns, { count: 1, shard: 9 }));
    expect([taken.embedded.error, taken.simulated.error]).toEqual([undefined, 'ResourceNotFoundException']);
  },
  async 'pages of consumers'() {
    const stream = await newStream();
    await consumers(stream);
    const listed = await onBoth(() => new ListStreamConsumersCommand({ StreamARN: arnOf(stream) }));
    for (const side of sides)
      expect(listed[side].answer!.Consumers).toMatchObject([{ ConsumerName: 'one', ConsumerStatus: 'ACTIVE' }]);
    expect([listed.embedded.answer!.NextToken, listed.simulated.answer!.NextToken]).toEqual(['one', undefined]);
  },
  async 'far scaling'() {
    const stream = await newStream(3);
    expect(await onBoth(() => scaleCommand(stream, 7))).toEqual({
      embedded: { error: 'InvalidArgumentException' },
      simulated: { error: 'LimitExceededException' },
    });
    const down = await onBoth(() => scaleCommand(stream, 1));
    expect([down.embedded.error, down.simulated.error]).toEqual([undefined, 'LimitExceededException']);
    await untilActive(stream);
  },
  async 'widths after scaling'() {
    const stream = await newStream(2);
    await onBoth(() => scaleCommand(stream, 3));
    await untilActive(stream);
    const widths = await each(async (side) =>
      (await openShards(side, stream)).map(({ HashKeyRange: { StartingHashKey, EndingHashKey } }) =>
        Math.round(Number(BigInt(EndingHashKey) - BigInt(StartingHashKey)) / 2 ** 121),
      ),
    );
    expect(widths.embedded.sort((one, other) => one - other)).toEqual([32, 32, 64]);
    expect(widths.simulated).toEqual([43, 43, 43]);
  },
};

describe('the listed differences', () => {
  it.each(fanOutDifferences.map(({ name }) => name))('%s', (name) => shows[name]());
});
