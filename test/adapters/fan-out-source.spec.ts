/** Enhanced fan-out against a scripted SubscribeToShard: what an emulator can't be brought to do. */
import { describe, expect, it } from 'vitest';
import { createFanOutSource } from '../../functions/adapters/kinesis/fan-out-source.ts';
import type { PollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import type { Position } from '../../functions/core/position.ts';
import type { Page } from '../../functions/core/record.ts';
import type { ShardCursor } from '../../functions/ports/source.ts';
import { noon } from '../support/builders.ts';
import { event, failure, type ScriptedSubscription, scriptedSubscriptions } from '../support/scripted-subscriptions.ts';

const consumerArn = 'arn:aws:kinesis:us-east-1:123456789012:stream/source/consumer/sluice-test:1';
const trimHorizon: Position = { kind: 'trim-horizon' };
const neverPolls = { open: async () => Promise.reject(new Error('polled')) } as unknown as PollingSource;
const seconds = 1_000;

function read(script: readonly ScriptedSubscription[], given: { position?: Position; until?: number } = {}) {
  const scripted = scriptedSubscriptions(script);
  const source = createFanOutSource({
    polling: neverPolls,
    client: scripted.client,
    consumer: undefined as never,
    clock: scripted.clock,
    random: () => 0.5,
  });
  const { position = trimHorizon, until = noon + 12 * seconds } = given;
  return {
    ...scripted,
    cursor: () => source.open('s', position, { until, deadline: noon + 12 * seconds, consumerArn }),
  };
}

const numbers = (page: Awaited<ReturnType<ShardCursor['next']>>) =>
  typeof page === 'string' ? page : page.records.map(({ sequenceNumber }) => Number(sequenceNumber));

async function pages(cursor: ShardCursor, count: number) {
  const found = [];
  for (let at = 0; at < count; at++) found.push(numbers(await cursor.next(10)));
  return found;
}

describe('a subscription', () => {
  it('gives its events as pages, one at a time, and is let go of', async () => {
    const {
      cursor: open,
      opened,
      eventsRead,
      left,
    } = read([[1, 2, 3].map((n) => ({ event: event([n]), after: 200 }))]);
    const cursor = await open();
    expect(await cursor.next(1)).toMatchObject({ millisBehindLatest: 0, end: undefined, isEvent: true });
    expect(eventsRead()).toBe(1);
    expect(await pages(cursor, 2)).toEqual([[2], [3]]);
    expect(opened[0]!.signal.aborted).toBe(false);
    cursor.close!();
    expect(opened.map(({ signal }) => signal.aborted)).toEqual([true]);
    await expect.poll(left).toBe(1);
  });

  it('whose event has become a page holds its records no longer', async () => {
    const sent = event([1, 2]);
    const { cursor: open } = read([[{ event: sent }]]);
    expect(numbers(await (await open()).next(10))).toEqual([1, 2]);
    expect(sent.SubscribeToShardEvent.Records).toEqual([]);
  });

  it.each<[Position, object]>([
    [trimHorizon, { Type: 'TRIM_HORIZON' }],
    [
      { kind: 'at-timestamp', timestamp: 5, after: '4' },
      { Type: 'AT_TIMESTAMP', Timestamp: new Date(5) },
    ],
    [
      { kind: 'after-sequence-number', sequenceNumber: '7' },
      { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '7' },
    ],
    [
      { kind: 'after-sequence-number', sequenceNumber: '7', subSequenceNumber: 2 },
      { Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: '7' },
    ],
  ])('to %j begins at %j', async (position, expected) => {
    const { cursor: open, opened } = read([[{ event: event([]) }]], { position });
    await (await open()).next(1);
    expect(opened[0]!.position).toEqual(expected);
  });

  it('that brings the end of the shard names the children', async () => {
    const { cursor: open } = read([[{ event: event([1], { children: ['c', 'd'] }) }]]);
    const page = (await (await open()).next(1)) as Page;
    expect(numbers(page)).toEqual([1]);
    expect(page.end!.children).toEqual(
      ['c', 'd'].map((shardId) => ({ shardId, parents: ['s'], hashRange: { start: '0', end: '9' } })),
    );
  });

  it('says no time of Kinesis that is later than its own beginning', async () => {
    const { cursor: open } = read([
      [
        { event: event([1]), after: 1 * seconds },
        { event: event([2]), after: 4 * seconds },
      ],
    ]);
    const cursor = await open();
    for (const page of [await cursor.next(1), await cursor.next(1)]) {
      expect((page as Page).serverTime).toBe(noon - 1 * seconds);
    }
  });

  it('without a consumer polls', async () => {
    const source = createFanOutSource({ polling: neverPolls } as never);
    await expect(source.open('s', trimHorizon, { until: 0, deadline: 0, consumerArn: null })).rejects.toThrow('polled');
  });
});

describe('a subscription that ends after five minutes', () => {
  it('is followed by another one, behind the last record', async () => {
    const five = [{ event: event([1], { behind: 9 }) }, { event: event([2], { behind: 9 }), after: 300 * seconds }];
    const { cursor: open, opened, slept } = read([five, [{ event: event([3]) }]], { until: noon + 900 * seconds });
    expect(await pages(await open(), 3)).toEqual([[1], [2], [3]]);
    expect(opened.map(({ position }) => position)).toEqual([
      { Type: 'TRIM_HORIZON' },
      { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '2' },
    ]);
    expect(slept).toEqual([]);
    expect(opened[0]!.signal.aborted).toBe(true);
  });

  it('never gives a record again that the next one repeats', async () => {
    const five = [{ event: event([1, 2], { behind: 9 }), after: 300 * seconds }];
    const { cursor: open } = read([five, [{ event: event([2, 3]) }]], { until: noon + 900 * seconds });
    expect(await pages(await open(), 2)).toEqual([[1, 2], [3]]);
  });
});

describe('a subscription that breaks', () => {
  const broken = ['InternalFailureException', 'KMSThrottlingException', 'ECONNRESET'];

  it.each(broken)('by %s, five seconds after it began, is opened again after a pause', async (name) => {
    const {
      cursor: open,
      opened,
      slept,
    } = read([[{ event: event([1], { behind: 9 }), after: 6 * seconds }, failure(name)], [{ event: event([2]) }]]);
    const cursor = await open();
    expect(await pages(cursor, 2)).toEqual([[1], [2]]);
    expect(slept).toEqual([100]);
    expect(opened[1]!.position).toEqual({ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '1' });
    expect(opened[0]!.signal.aborted).toBe(true);
    expect(cursor.subscribedAt).toBe(noon + 6 * seconds + 100);
  });

  it('earlier ends the read: what it brought stays, and nobody pays for the wait', async () => {
    const {
      cursor: open,
      opened,
      slept,
    } = read([[{ event: event([1], { behind: 9 }), after: 1 * seconds }, failure('InternalFailureException')]]);
    expect(await pages(await open(), 2)).toEqual([[1], 'deadline']);
    expect({ subscriptions: opened.length, slept }).toEqual({ subscriptions: 1, slept: [] });
  });

  it('before it brought anything is a failure', async () => {
    const { cursor: open } = read([[failure('InternalFailureException')]]);
    await expect((await open()).next(1)).rejects.toMatchObject({ name: 'TemporaryFailure' });
  });

  it('and holds the exception as a member of the stream is no different', async () => {
    const { cursor: open } = read([[{ event: { KMSDisabledException: failure('KMSDisabledException') } }]]);
    await expect((await open()).next(1)).rejects.toMatchObject({ name: 'NotAllowed' });
  });

  it('because another one took it over ends the read', async () => {
    const { cursor: open } = read([
      [{ event: event([1], { behind: 9 }), after: 20 * seconds }, failure('ResourceInUseException')],
    ]);
    expect(await pages(await open(), 2)).toEqual([[1], 'deadline']);
  });
});

describe('a subscription that is refused', () => {
  it('because there was one a moment ago is tried in a later turn', async () => {
    const { cursor: open, slept } = read([failure('ResourceInUseException')]);
    const cursor = await open();
    expect(await cursor.next(1)).toBe('throttled');
    expect({ slept, subscribedAt: cursor.subscribedAt }).toEqual({ slept: [], subscribedAt: undefined });
  });

  it('for now is tried again with growing pauses, full jitter', async () => {
    const refusals = ['LimitExceededException', 'InternalFailureException', 'ThrottlingException'];
    const { cursor: open, slept } = read([...refusals.map((name) => failure(name)), [{ event: event([1]) }]]);
    expect(await pages(await open(), 1)).toEqual([[1]]);
    expect(slept).toEqual([100, 200, 400]);
  });

  it('again and again is given up, inside the time of the read', async () => {
    const {
      cursor: open,
      clock,
      opened,
    } = read(Array(50).fill(failure('LimitExceededException')), {
      until: noon + 1 * seconds,
    });
    await expect((await open()).next(1)).rejects.toMatchObject({ name: 'TemporaryFailure' });
    expect(clock.now()).toBeLessThan(noon + 1 * seconds);
    expect(opened.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it.each<[string, Position, string]>([
    ['InvalidArgumentException', { kind: 'at-timestamp', timestamp: 1 }, 'TemporaryFailure'],
    ['InvalidArgumentException', { kind: 'after-sequence-number', sequenceNumber: '5' }, 'CorruptCheckpoint'],
    ['ResourceNotFoundException', trimHorizon, 'StreamNotFound'],
    ['AccessDeniedException', trimHorizon, 'NotAllowed'],
  ])('with %s at %j is %s', async (name, position, expected) => {
    const { cursor: open } = read(Array(9).fill(failure(name)), { position });
    await expect((await open()).next(1)).rejects.toMatchObject({ name: expected });
  });
});

describe('a subscription that is silent', () => {
  it('is left at the end of the time, with what it brought', async () => {
    const { cursor: open, clock, opened } = read([[{ event: event([1], { behind: 9 }) }, 'silence']]);
    const cursor = await open();
    expect(await pages(cursor, 2)).toEqual([[1], 'deadline']);
    expect(clock.now()).toBe(noon + 12 * seconds);
    cursor.close!();
    expect(opened[0]!.signal.aborted).toBe(true);
  });

  it('from the beginning has six seconds, however short the read is, and is a failure', async () => {
    const { cursor: open, clock } = read([['silence']], { until: noon + 10 });
    await expect((await open()).next(1)).rejects.toMatchObject({ name: 'TemporaryFailure' });
    expect(clock.now()).toBe(noon + 6 * seconds);
  });

  it('and opened at the very end of the task’s time has four', async () => {
    const { cursor: open, clock, pass } = read([['silence']]);
    pass(12 * seconds);
    await expect((await open()).next(1)).rejects.toMatchObject({ name: 'TemporaryFailure' });
    expect(clock.now()).toBe(noon + 16 * seconds);
  });
});
