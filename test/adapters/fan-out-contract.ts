/**
 * What enhanced fan-out needs of Kinesis: a consumer, positions, the tip, ends and children, five seconds. For every
 * service that stands in for Kinesis.
 */
import { randomUUID } from 'node:crypto';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  MergeShardsCommand,
  PutRecordCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStreamConsumer } from '../../functions/adapters/kinesis/consumer.ts';
import { createFanOutSource } from '../../functions/adapters/kinesis/fan-out-source.ts';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import { rememberServerDate } from '../../functions/adapters/server-date.ts';
import { afterSequenceNumber, type Position, trimHorizon } from '../../functions/core/position.ts';
import type { Page } from '../../functions/core/record.ts';
import { minSubscribeGapMs } from '../../functions/core/subscription-pace.ts';
import type { Clock } from '../../functions/ports/clock.ts';
import { utf8 } from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';

export type FanOutService = {
  readonly client: KinesisClient;
  readonly subscriptions: KinesisClient;
  /** The time that the service goes by. A sleep that is cut short must take no longer than what cut it. */
  readonly clock: Clock;
  stop(): Promise<void>;
};

let service: FanOutService;
const pollMs = 50;
const middle = 2n ** 127n;
const idOf = (shard: number) => `shardId-${String(shard).padStart(12, '0')}`;
const first = idOf(0);

export function fanOutContract(start: () => Promise<FanOutService>): void {
  beforeAll(async () => {
    service = await start();
    rememberServerDate(service.client);
  });
  afterAll(() => service.stop());

  describe('the consumer', consumerTests);
  describe('a subscription begins', positionTests);
  describe('a subscription', readTests);
  describe('at the end of a shard', endTests);
}

async function untilActive(StreamName: string): Promise<string> {
  for (;;) {
    const { StreamDescriptionSummary } = await service.client.send(new DescribeStreamSummaryCommand({ StreamName }));
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return StreamDescriptionSummary.StreamARN!;
    await service.clock.sleep(pollMs);
  }
}

async function newStream(shards = 1) {
  const { client, subscriptions, clock } = service;
  const streamName = `fan-out-${randomUUID()}`;
  await client.send(new CreateStreamCommand({ StreamName: streamName, ShardCount: shards }));
  const arn = await untilActive(streamName);
  const source = { ...mapped().source, stream: { kind: 'name', streamName } as const };
  const pipeline = { name: 'contract', source };
  const consumer = createStreamConsumer(client, pipeline, clock);
  const polling = createPollingSource(client, source, clock);
  const fanOut = createFanOutSource({ polling, client: subscriptions, consumer, clock });
  const activeArn = async () => {
    for (;;) {
      const state = await consumer.ensure(arn, true);
      if (state.kind === 'active') return state.arn;
      await clock.sleep(pollMs);
    }
  };
  let consumerArn: string | undefined;
  const open = async (shardId = first, position: Position = trimHorizon) => {
    consumerArn ??= await activeArn();
    const deadline = clock.now() + 12_000;
    return fanOut.open(shardId, position, { until: deadline, deadline, consumerArn });
  };
  /** Up to the tip or the end, in one subscription. */
  const readAll = async (shardId = first, position: Position = trimHorizon) => {
    const cursor = await open(shardId, position);
    const texts: string[] = [];
    try {
      for (;;) {
        const page = await cursor.next(10);
        if (typeof page === 'string') throw new Error(page);
        texts.push(...page.records.map(({ data }) => Buffer.from(data).toString()));
        if (page.end !== undefined || page.millisBehindLatest === 0) return { texts, page };
      }
    } finally {
      cursor.close!();
    }
  };
  const put = async (data: string) =>
    (
      await client.send(
        new PutRecordCommand({ StreamName: streamName, PartitionKey: 'k', ExplicitHashKey: '0', Data: utf8(data) }),
      )
    ).SequenceNumber!;
  return { streamName, arn, consumer, fanOut, activeArn, open, readAll, put };
}

function consumerTests(): void {
  it('is missing, registered, active, and gone', async () => {
    const { arn, consumer, activeArn } = await newStream();
    const registered = await activeArn();
    expect(registered).toMatch(new RegExp(`^${arn}/consumer/sluice-contract:\\d+$`));
    expect(await activeArn()).toBe(registered);
    await consumer.deregisterOwn();
    // It may be DELETING for a while; then it can be registered again.
    expect(await activeArn()).toMatch(`${arn}/consumer/sluice-contract:`);
  });

  it('that does not exist has no subscriptions', async () => {
    const { fanOut, arn } = await newStream();
    const deadline = service.clock.now() + 12_000;
    const consumerArn = `${arn}/consumer/nobody:1`;
    const cursor = await fanOut.open(first, trimHorizon, { until: deadline, deadline, consumerArn });
    await expect(cursor.next(1)).rejects.toMatchObject({ name: 'StreamNotFound' });
  });
}

function positionTests(): void {
  it('at the oldest record', async () => {
    const { put, readAll } = await newStream();
    for (const text of ['a', 'b']) await put(text);
    expect((await readAll()).texts).toEqual(['a', 'b']);
  });

  it('after a record', async () => {
    const { put, readAll } = await newStream();
    const a = await put('a');
    await put('b');
    expect((await readAll(first, afterSequenceNumber(a))).texts).toEqual(['b']);
  });

  it('with a record in the middle of which the last read ended', async () => {
    const { put, readAll } = await newStream();
    await put('a');
    const b = await put('b');
    const position: Position = { kind: 'after-sequence-number', sequenceNumber: b, subSequenceNumber: 3 };
    expect((await readAll(first, position)).texts).toEqual(['b']);
  });

  it('at a time', async () => {
    const { put, readAll } = await newStream();
    await put('a');
    await service.clock.sleep(1_500);
    const timestamp = service.clock.now() - 700;
    await put('b');
    expect((await readAll(first, { kind: 'at-timestamp', timestamp })).texts).toEqual(['b']);
  });
}

function readTests(): void {
  it('of a shard without records is at the tip with its first event', async () => {
    const { readAll } = await newStream();
    expect(await readAll()).toMatchObject({ texts: [], page: { records: [], millisBehindLatest: 0, end: undefined } });
  });

  it('says no time that is ahead of the service', async () => {
    const { put, readAll } = await newStream();
    await put('a');
    const before = service.clock.now();
    const { page } = await readAll();
    expect(page.serverTime).toBeLessThanOrEqual(service.clock.now());
    expect(page.serverTime).toBeGreaterThan(before - 3_000);
  });

  it('is refused within five seconds of the last one, and then takes over', async () => {
    const { put, open, readAll } = await newStream();
    await put('a');
    await readAll();
    const refused = await open();
    expect(await refused.next(1)).toBe('throttled');
    await service.clock.sleep(minSubscribeGapMs);
    expect((await readAll()).texts).toEqual(['a']);
  });

  it('is one for each shard: another shard has its own five seconds', async () => {
    const { readAll } = await newStream(2);
    await readAll(first);
    expect((await readAll(idOf(1))).texts).toEqual([]);
  });
}

/** Reads on, a subscription after the other, until the shard ends. */
async function readToEnd(stream: Awaited<ReturnType<typeof newStream>>, shardId: string) {
  const texts: string[] = [];
  let end: Page['end'];
  const cursor = await stream.open(shardId);
  while (end === undefined) {
    const page = await cursor.next(10);
    if (typeof page === 'string') throw new Error(page);
    texts.push(...page.records.map(({ data }) => Buffer.from(data).toString()));
    end = page.end;
  }
  cursor.close!();
  return { texts, children: end.children };
}

function endTests(): void {
  it('a split names two children, after the last record', async () => {
    const stream = await newStream();
    await stream.put('a');
    const { streamName: StreamName } = stream;
    await service.client.send(
      new SplitShardCommand({ StreamName, ShardToSplit: first, NewStartingHashKey: String(middle) }),
    );
    await untilActive(StreamName);
    const { texts, children } = await readToEnd(stream, first);
    expect(texts).toEqual(['a']);
    expect(children).toEqual([
      { shardId: idOf(1), parents: [first], hashRange: { start: '0', end: String(middle - 1n) } },
      { shardId: idOf(2), parents: [first], hashRange: { start: String(middle), end: String(2n ** 128n - 1n) } },
    ]);
  });

  it('a merge names one child with both parents', async () => {
    const stream = await newStream(2);
    const { streamName: StreamName } = stream;
    await service.client.send(
      new MergeShardsCommand({ StreamName, ShardToMerge: first, AdjacentShardToMerge: idOf(1) }),
    );
    await untilActive(StreamName);
    for (const shardId of [first, idOf(1)]) {
      const { texts, children } = await readToEnd(stream, shardId);
      expect({ texts, children: children.map((child) => child.shardId) }).toEqual({ texts: [], children: [idOf(2)] });
      expect(children[0]!.parents.toSorted()).toEqual([first, idOf(1)]);
    }
  });
}
