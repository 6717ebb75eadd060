/** Enhanced fan-out on the embedded Kinesis, over HTTP/1.1: the consumer's life, and what a subscription brings. */
import {
  DescribeStreamConsumerCommand,
  ListStreamConsumersCommand,
  RegisterStreamConsumerCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStreamConsumer } from '../../functions/adapters/kinesis/consumer.ts';
import { createFanOutSource } from '../../functions/adapters/kinesis/fan-out-source.ts';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import { createSubscriptionClient } from '../../functions/adapters/kinesis/reading-client.ts';
import type { Page } from '../../functions/core/record.ts';
import type { SubscribeToShardSettings } from '../../functions/pipeline/pipeline.ts';
import type { ConsumerState, StreamConsumer } from '../../functions/ports/source.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { startEmbeddedKinesis } from '../../local/services/embedded-kinesis.ts';
import { createStream } from '../../local/services/streams.ts';
import { mapped } from '../support/pipelines.ts';
import { kinesisOf, publishEvents, region, uniqueName, type World } from '../support/world.ts';

let kinesis: World['kinesis'];
beforeAll(async () => {
  kinesis = await startEmbeddedKinesis();
});
afterAll(() => kinesis.stop());

const clientOf = () => kinesisOf({ kinesis });
const shard = 'shardId-000000000000';

/** A registered consumer is CREATING for a moment. */
async function activeArn(consumer: StreamConsumer, streamArn: string): Promise<string> {
  await expect.poll(async () => (await consumer.ensure(streamArn, true)).kind).toBe('active');
  const state = await consumer.ensure(streamArn, false);
  return (state as Extract<ConsumerState, { kind: 'active' }>).arn;
}

async function makeStream() {
  const name = uniqueName('fan-out');
  const client = clientOf();
  await createStream(client, name, 1);
  const pipeline = mapped();
  const source = { ...pipeline.source, stream: { kind: 'name', streamName: name } as const };
  const { stream } = await createPollingSource(client, source, systemClock).describe();
  const consumer = (settings: Partial<SubscribeToShardSettings> = {}, pipelineName = 'departures') =>
    createStreamConsumer(
      client,
      { name: pipelineName, source: { ...source, subscribeToShard: { ...source.subscribeToShard, ...settings } } },
      systemClock,
    );
  const names = async () => {
    const { Consumers } = await client.send(new ListStreamConsumersCommand({ StreamARN: stream.arn }));
    return Consumers!
      .filter(({ ConsumerStatus }) => ConsumerStatus !== 'DELETING')
      .map(({ ConsumerName }) => ConsumerName);
  };
  const register = async (ConsumerName: string, tag?: string) => {
    const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN: stream.arn, ConsumerName }));
    const ResourceARN = Consumer!.ConsumerARN!;
    // The embedded server takes no tags with the registration.
    if (tag !== undefined) await client.send(new TagResourceCommand({ ResourceARN, Tags: { 'sluice:pipeline': tag } }));
    return ResourceARN;
  };
  return { name, arn: stream.arn, client, source, consumer, names, register };
}

describe('the consumer', () => {
  test('is registered where it is missing, and then reused', async () => {
    const { arn, consumer, names } = await makeStream();
    const own = consumer();
    const first = await activeArn(own, arn);
    expect(first).toMatch(new RegExp(`^${arn}/consumer/sluice-departures:\\d+$`));
    expect(await activeArn(own, arn)).toBe(first);
    expect(await names()).toEqual(['sluice-departures']);
  });

  test('of this pipeline is used, whoever registered it, and stays when we go', async () => {
    const { arn, consumer, names, register } = await makeStream();
    const registered = await register('shared', 'departures');
    const ours = consumer({ consumerName: 'shared' });
    expect(await activeArn(ours, arn)).toBe(registered);
    await ours.deregisterOwn();
    expect(await names()).toEqual(['shared']);
  });

  test.each([
    ["says 'arrivals'", 'arrivals'],
    ['is missing', undefined],
  ])('whose tag %s is refused, and only taken on demand', async (what, tag) => {
    const { arn, consumer, register } = await makeStream();
    const registered = await register('sluice-departures', tag);
    await expect(consumer().ensure(arn, true)).rejects.toMatchObject({
      name: 'ConsumerNotOwned',
      message: expect.stringContaining(`its tag sluice:pipeline ${what}, not 'departures'`),
    });
    expect(await activeArn(consumer({ adopt: true }), arn)).toBe(registered);
  });

  test('that was registered here is deregistered here', async () => {
    const { arn, consumer, names } = await makeStream();
    const own = consumer();
    // The embedded server refuses to deregister one that is CREATING.
    await activeArn(own, arn);
    await own.deregisterOwn();
    expect(await names()).toEqual([]);
    await own.deregisterOwn();
  });

  test('that is one too many is an error that helps, or a reason to poll', async () => {
    const { arn, consumer, register } = await makeStream();
    for (let at = 0; at < 20; at++) await register(`other-${at}`);
    await expect(consumer().ensure(arn, true)).rejects.toMatchObject({
      name: 'TemporaryFailure',
      message: expect.stringMatching(/Only 20 consumers.*fallBack: 'polling'/),
    });
    expect(await consumer({ fallBack: 'polling' }).ensure(arn, true)).toMatchObject({ kind: 'fall-back' });
  });
});

describe('a subscription', () => {
  async function reader(count: number) {
    const { name, arn, client, source, consumer } = await makeStream();
    const events = Array.from({ length: count }, (_, id) => ({ key: `k${id}`, data: { id } }));
    if (count > 0) await publishEvents({ kinesis } as World, name, events, 1);
    const subscriptions = createSubscriptionClient(
      { endpointUrl: kinesis.endpoint, region, credentials: localCredentials },
      'auto',
    );
    const fanOut = createFanOutSource({
      polling: createPollingSource(client, source, systemClock),
      client: subscriptions,
      consumer: consumer(),
      clock: systemClock,
    });
    const consumerArn = await activeArn(fanOut.consumer!, arn);
    const { ConsumerDescription } = await client.send(
      new DescribeStreamConsumerCommand({ StreamARN: arn, ConsumerName: 'sluice-departures' }),
    );
    expect(consumerArn).toBe(ConsumerDescription!.ConsumerARN);
    const open = () =>
      fanOut.open(
        shard,
        { kind: 'trim-horizon' },
        { until: Date.now() + 12_000, deadline: Date.now() + 12_000, consumerArn },
      );
    return { open, subscriptions };
  }

  test('brings what is there, and is at the tip within about a second', async () => {
    const { open } = await reader(30);
    const before = Date.now();
    const cursor = await open();
    const page = (await cursor.next(1)) as Page;
    // The embedded server sends its first event after a second.
    expect(Date.now() - before).toBeLessThan(2_500);
    expect(page.records.map(({ data }) => JSON.parse(Buffer.from(data).toString()).id).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, id) => id),
    );
    expect(page).toMatchObject({ millisBehindLatest: 0, end: undefined });
    expect(page.serverTime).toBeLessThanOrEqual(Date.now());
    expect(page.serverTime).toBeGreaterThan(before - 3_000);
    cursor.close!();
  });

  test('leaves no socket behind', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
    const { open, subscriptions } = await reader(1);
    const before = sockets();
    const cursor = await open();
    await cursor.next(1);
    expect(sockets()).toBe(before + 1);
    cursor.close!();
    await expect.poll(sockets).toBe(before);
    subscriptions.destroy();
  });
});
