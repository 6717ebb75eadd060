/** How the events of a subscription reach a function in virtual time: late, in pieces, or not at all. */
import {
  DeregisterStreamConsumerCommand,
  type KinesisClient,
  SubscribeToShardCommand,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';
import { beforeEach, describe, expect, it } from 'vitest';
import { noon, utf8 } from '../support/builders.ts';
import { parseScript } from './faults/fault.ts';
import { Injector } from './faults/injector.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { SimulatedKinesis } from './services/kinesis/simulated-kinesis.ts';
import { serviceClient } from './services/service-client.ts';
import type { Execution } from './services/step-functions/simulated-step-functions.ts';
import { Invocation } from './world/invocation.ts';
import { Network } from './world/network.ts';

const StreamName = 'stream';
const ShardId = 'shardId-000000000000';

let scheduler: Scheduler;
let kinesis: SimulatedKinesis;
let injector: Injector;
let invocation: Invocation;
let client: KinesisClient;
let ConsumerARN: string;
let calls: string[];

beforeEach(() => start(''));

function start(script: string, seed = 1): void {
  scheduler = new Scheduler(noon);
  const random = new Random(seed);
  const now = () => Math.floor(scheduler.now);
  kinesis = new SimulatedKinesis({ now, random: random.fork('kinesis') });
  kinesis.quirks.consumerMs = [0, 0];
  kinesis.createStream(StreamName, { shards: 1 });
  injector = new Injector(parseScript(script), { start: noon, endsAt: noon + 10_000_000 });
  calls = [];
  const network = new Network({
    scheduler,
    random: random.fork('network'),
    injector,
    dimensions: { count: () => {} },
    apply: ({ operation, input }) => kinesis.execute(operation, input),
    push: (subscription) => subscription.take(),
    observe: (_, call, __, outcome) => calls.push(`${call} ${outcome.kind}`),
    strike: ({ kind }) => {
      if (kind === 'deregistered') kinesis.execute('DeregisterStreamConsumer', { ConsumerARN });
    },
    tooLate: () => {},
    broken: (error) => {
      throw error;
    },
  });
  invocation = new Invocation({
    id: 'one',
    step: 'process-shards',
    payload: {},
    version: 0,
    execution: {} as Execution,
    clockSkewMs: 0,
    timeoutMs: 22_000,
    scheduler,
  });
  client = serviceClient<KinesisClient>(
    (operation, input, options) => network.call(invocation, { service: 'kinesis', operation, input }, options),
    { date: now },
  );
  const { arn } = kinesis.truth(StreamName);
  const { Consumer } = kinesis.execute('RegisterStreamConsumer', { StreamARN: arn, ConsumerName: 'one' }) as {
    readonly Consumer: { readonly ConsumerARN: string };
  };
  ConsumerARN = Consumer.ConsumerARN;
}

const put = (text: string) => kinesis.execute('PutRecord', { StreamName, PartitionKey: 'k', Data: utf8(text) });
const putAt = (ms: number, text: string) => scheduler.at(noon + ms, () => put(text));

type Heard = { readonly at: number; readonly texts: readonly string[]; readonly behind: number };

/** Subscribes and iterates; what it came to is in the returned lists, and its end as the last of `ends`. */
function listen(options: { readonly abortSignal?: AbortSignal; readonly most?: number } = {}) {
  const heard: Heard[] = [];
  const ends: string[] = [];
  const run = async (): Promise<void> => {
    const { EventStream } = await client.send(
      new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition: { Type: 'TRIM_HORIZON' } }),
      options,
    );
    ends.push(`subscribed at ${scheduler.now - noon < 1_000 ? 'once' : 'last'}`);
    for await (const event of EventStream as AsyncIterable<SubscribeToShardEventStream>) {
      const { Records, MillisBehindLatest } = event.SubscribeToShardEvent!;
      heard.push({
        at: scheduler.now - noon,
        texts: Records!.map(({ Data }) => Buffer.from(Data!).toString()),
        behind: MillisBehindLatest!,
      });
      if (heard.length === options.most) break;
    }
    ends.push('ended');
  };
  run().catch((error: Error) => ends.push(error.name));
  return { heard, ends };
}

const texts = (heard: readonly Heard[]) => heard.flatMap((event) => event.texts);
function until(ms: number) {
  scheduler.at(noon + ms, () => {});
  return scheduler.run(noon + ms);
}

describe('events', () => {
  it('come when something was put, and every second when nothing was', async () => {
    const { heard } = listen();
    putAt(2_500, 'a');
    await until(5_000);
    expect(texts(heard)).toEqual(['a']);
    const withData = heard.find((event) => event.texts.length > 0)!;
    expect(withData.at).toBeGreaterThanOrEqual(2_570);
    expect(withData.at).toBeLessThan(2_600);
    expect(heard.length).toBeGreaterThanOrEqual(4);
  });

  it('wait in the connection while the function stands still, and are as old as they are then', async () => {
    put('first');
    const { heard } = listen();
    await until(200);
    invocation.freeze(60_000);
    putAt(3_000, 'second');
    putAt(30_000, 'third');
    await until(62_000);
    const late = heard.filter(({ at }) => at > 60_000);
    // Eight fit; what comes then is pushed when the first of them is taken.
    expect(texts(late.slice(0, 8))).toEqual(['second']);
    expect(late.slice(0, 8).every(({ behind }) => behind === 0)).toBe(true);
    expect(texts(heard)).toEqual(['first', 'second', 'third']);
  });

  it('end after five minutes', async () => {
    const { heard, ends } = listen();
    await until(400_000);
    expect(ends.at(-1)).toBe('ended');
    expect(heard.at(-1)!.at).toBeLessThan(300_100);
  });

  it('go on for nobody when the iteration stops: only an abort closes the connection', async () => {
    put('a');
    const abortion = new AbortController();
    listen({ most: 1, abortSignal: abortion.signal });
    await until(2_000);
    const { listeners } = kinesis.truth(StreamName);
    expect(listeners.size).toBe(1);
    abortion.abort();
    expect(listeners.size).toBe(0);
  });
});

describe('an abort', () => {
  it('before the answer is an AbortError', async () => {
    const { ends } = listen({ abortSignal: AbortSignal.abort() });
    await until(1_000);
    expect(ends).toEqual(['AbortError']);
  });

  it('in the middle ends the iteration, or fails it', async () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      start('', seed);
      const abortion = new AbortController();
      const { ends, heard } = listen({ abortSignal: abortion.signal });
      scheduler.at(noon + 3_300, () => abortion.abort());
      putAt(4_000, 'never');
      await until(10_000);
      expect(texts(heard)).toEqual([]);
      found.add(ends.at(-1)!);
    }
    expect([...found].sort()).toEqual(['AbortError', 'ended']);
  });
});

describe('a fault at an event', () => {
  const at = (fault: string, when: 'before' | 'after') => `${fault}@process-shards/event:${when}#1`;
  const run = async (fault: string, when: 'before' | 'after') => {
    start(at(fault, when));
    put('a');
    const listening = listen();
    putAt(2_000, 'b');
    await until(30_000);
    return listening;
  };

  it.each([
    ['ended', 'ended'],
    ['error', 'InternalFailureException'],
    ['stream-error', 'InternalFailureException'],
    ['stream-error:1', 'ResourceInUseException'],
    ['stream-error:2', 'KMSThrottlingException'],
    ['stream-error:6', 'KMSAccessDeniedException'],
  ])('%s before it: nothing comes, and then %s; after it: it comes, and then the same', async (fault, end) => {
    const before = await run(fault, 'before');
    expect([texts(before.heard), before.ends.at(-1)]).toEqual([[], end]);
    const after = await run(fault, 'after');
    expect([texts(after.heard), after.ends.at(-1)]).toEqual([['a'], end]);
  });

  it('lost before it: silence, until the function aborts', async () => {
    const { heard, ends } = await run('lost', 'before');
    expect([heard, ends]).toEqual([[], ['subscribed at once']]);
  });

  it('lost after it: it was sent and never arrives, and the stream ends', async () => {
    const { heard, ends } = await run('lost', 'after');
    expect([heard, ends.at(-1)]).toEqual([[], 'ended']);
    expect(calls).toContain('event done');
  });

  it.each(['before', 'after'] as const)('slow %s it: it comes so much later', async (when) => {
    const { heard } = await run('slow:7000', when);
    expect(texts(heard)).toEqual(['a', 'b']);
    expect(heard[0]!.at).toBeGreaterThan(7_000);
    expect(heard[0]!.at).toBeLessThan(7_300);
  });

  it.each(['before', 'after'] as const)('crash %s it: the function is gone', async (when) => {
    const { heard, ends } = await run('crash', when);
    expect([heard, ends]).toEqual([[], ['subscribed at once']]);
    await expect(invocation.answer).rejects.toMatchObject({ name: 'Runtime.ExitError' });
    expect(calls.includes('event done')).toBe(when === 'after');
  });

  it('zombie: it goes on later, with what has waited', async () => {
    const { heard } = await run('zombie:20000', 'before');
    expect(texts(heard)).toEqual(['a', 'b']);
    expect(heard[0]!.at).toBeGreaterThan(20_000);
  });

  it('deregistered: the stream fails with ResourceNotFoundException', async () => {
    const { heard, ends } = await run('deregistered', 'after');
    expect([texts(heard), ends.at(-1)]).toEqual([['a'], 'ResourceNotFoundException']);
  });
});

describe('a fault at a subscribe', () => {
  const run = async (script: string) => {
    start(script);
    put('a');
    const listening = listen();
    await until(4_000);
    return listening;
  };

  it('that is throttled is repeated as the SDK repeats it, and succeeds', async () => {
    const { heard } = await run('throttle:2@process-shards/subscribe:before#1');
    expect(texts(heard)).toEqual(['a']);
  });

  it('that is over the quota for longer fails with LimitExceededException', async () => {
    expect((await run('quota:3@process-shards/subscribe:before#1')).ends).toEqual(['LimitExceededException']);
  });

  it('whose consumer is taken by another has to wait five seconds', async () => {
    const { ends } = await run('taken-over@process-shards/subscribe:before#1');
    // Two calls in one second are one too many, whoever made them.
    expect(ends).toEqual(['LimitExceededException']);
    const early = listen();
    await until(4_500);
    expect(early.ends).toEqual(['ResourceInUseException']);
    await until(6_000);
    const again = listen();
    await until(8_000);
    expect(texts(again.heard)).toEqual(['a']);
  });

  it('whose answer is lost has subscribed all the same: the next is too early', async () => {
    const { ends } = await run('lost@process-shards/subscribe:after#1');
    await until(12_000);
    // Its client waits four seconds for an answer, and its second try is the one that comes too early.
    expect(ends).toEqual(['ResourceInUseException']);
  });
});

it('what ends the consumer ends its subscriptions', async () => {
  const { ends } = listen();
  scheduler.at(noon + 1_000, () => void client.send(new DeregisterStreamConsumerCommand({ ConsumerARN })));
  await until(3_000);
  expect(ends.at(-1)).toBe('ResourceNotFoundException');
});
