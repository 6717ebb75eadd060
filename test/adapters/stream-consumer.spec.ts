/** Finding and registering the consumer, against scripted answers: states and refusals that an emulator does not have. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { createStreamConsumer } from '../../functions/adapters/kinesis/consumer.ts';
import type { SubscribeToShardSettings } from '../../functions/pipeline/pipeline.ts';
import { noon } from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';
import { failure } from '../support/scripted-subscriptions.ts';

const streamArn = 'arn:aws:kinesis:us-east-1:123456789012:stream/source';
const arn = `${streamArn}/consumer/sluice-mapped:1`;
const missing = failure('ResourceNotFoundException');
const described = (ConsumerStatus: string) => ({ ConsumerDescription: { ConsumerARN: arn, ConsumerStatus } });
const registered = { Consumer: { ConsumerARN: arn, ConsumerStatus: 'CREATING' } };
const tagged = (Value: string) => ({ Tags: [{ Key: 'sluice:pipeline', Value }] });

function consumerOf(answers: readonly unknown[], settings: Partial<SubscribeToShardSettings> = {}, ofStack?: string) {
  const calls: { readonly name: string; readonly input: unknown }[] = [];
  let now = noon;
  const send = async (command: { readonly input: unknown }) => {
    const answer = answers[calls.push({ name: command.constructor.name, input: command.input }) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const { source } = mapped();
  const pipeline = {
    name: 'mapped',
    source: { ...source, subscribeToShard: { ...source.subscribeToShard, ...settings } },
  };
  const clock = { now: () => now, sleep: async () => {} };
  return {
    consumer: createStreamConsumer({ send } as unknown as KinesisClient, pipeline, clock, { ofStack }),
    calls,
    names: () => calls.map(({ name }) => name.replace('Command', '')),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('a consumer that is missing', () => {
  it('is registered with the tag of the pipeline', async () => {
    const { consumer, calls } = consumerOf([missing, registered, described('ACTIVE')]);
    expect(await consumer.ensure(streamArn, true)).toEqual({ kind: 'active', arn });
    expect(calls[1]).toEqual({
      name: 'RegisterStreamConsumerCommand',
      input: { StreamARN: streamArn, ConsumerName: 'sluice-mapped', Tags: { 'sluice:pipeline': 'mapped' } },
    });
  });

  it('and then another was quicker to register is asked about in a later turn', async () => {
    const { consumer } = consumerOf([missing, failure('ResourceInUseException'), missing]);
    expect(await consumer.ensure(streamArn, true)).toEqual({ kind: 'not-ready', status: 'CREATING' });
  });

  it.each([
    ['LimitExceededException', 'TemporaryFailure'],
    ['AccessDeniedException', 'NotAllowed'],
  ])('and may not be registered (%s) is %s, with what to do', async (refusal, name) => {
    const { consumer } = consumerOf([missing, failure(refusal)]);
    await expect(consumer.ensure(streamArn, true)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(/consumer sluice-mapped can't be registered.*fallBack: 'polling'/),
    });
  });

  it('is done without for a minute, where polling may take its place', async () => {
    const { consumer, names, pass } = consumerOf(
      [missing, failure('LimitExceededException'), missing, registered, described('ACTIVE')],
      { fallBack: 'polling' },
    );
    expect(await consumer.ensure(streamArn, true)).toMatchObject({ kind: 'fall-back' });
    pass(59_000);
    expect(await consumer.ensure(streamArn, false)).toMatchObject({ kind: 'fall-back' });
    pass(1_000);
    expect(await consumer.ensure(streamArn, false)).toEqual({ kind: 'active', arn });
    expect(names()).toEqual([
      ...['DescribeStreamConsumer', 'RegisterStreamConsumer'],
      ...['DescribeStreamConsumer', 'RegisterStreamConsumer', 'DescribeStreamConsumer'],
    ]);
  });

  it('fails for any other reason, also where polling may take its place', async () => {
    const { consumer } = consumerOf([missing, failure('InternalFailureException')], { fallBack: 'polling' });
    await expect(consumer.ensure(streamArn, true)).rejects.toMatchObject({ name: 'TemporaryFailure' });
  });
});

describe('the consumer of a stack', () => {
  it("is its pipeline's, whatever its tags", async () => {
    const { consumer, names } = consumerOf([described('ACTIVE')], {}, arn);
    expect(await consumer.ensure(streamArn, true)).toEqual({ kind: 'active', arn });
    expect(names()).toEqual(['DescribeStreamConsumer']);
  });

  it('that was registered again by somebody else is looked at like any other', async () => {
    const { consumer } = consumerOf(
      [described('ACTIVE'), tagged('another')],
      {},
      `${streamArn}/consumer/sluice-mapped:0`,
    );
    await expect(consumer.ensure(streamArn, true)).rejects.toMatchObject({
      name: 'ConsumerNotOwned',
      message: expect.stringContaining('the name that this pipeline had before'),
    });
  });
});

describe('a consumer that is given by its ARN', () => {
  const theirs = 'arn:aws:kinesis:us-east-1:222222222222:stream/source/consumer/for-us:7';
  const theirsIs = (ConsumerStatus: string) => ({ ConsumerDescription: { ConsumerARN: theirs, ConsumerStatus } });

  it('is asked for by that, and neither registered nor looked at for its tags', async () => {
    const { consumer, calls } = consumerOf([theirsIs('ACTIVE')], { consumerArn: theirs });
    expect(await consumer.ensure(streamArn, true)).toEqual({ kind: 'active', arn: theirs });
    expect(calls).toEqual([{ name: 'DescribeStreamConsumerCommand', input: { ConsumerARN: theirs } }]);
    await consumer.deregisterOwn();
    expect(calls).toHaveLength(1);
  });

  it('is waited for while it is made', async () => {
    const { consumer } = consumerOf([theirsIs('CREATING')], { consumerArn: theirs });
    expect(await consumer.ensure(streamArn, true)).toEqual({ kind: 'not-ready', status: 'CREATING' });
  });

  it.each([
    ['is gone', missing],
    ['is going', theirsIs('DELETING')],
  ])("and %s is its owner's to make, or polling takes its place", async (_, answer) => {
    const refused = consumerOf([answer], { consumerArn: theirs }).consumer.ensure(streamArn, true);
    await expect(refused).rejects.toMatchObject({ name: 'NotAllowed', message: expect.stringContaining(theirs) });
    const { consumer } = consumerOf([answer], { consumerArn: theirs, fallBack: 'polling' });
    expect(await consumer.ensure(streamArn, true)).toMatchObject({ kind: 'fall-back' });
  });
});

describe('a consumer that is there', () => {
  it.each(['CREATING', 'DELETING'])('and is %s is waited for', async (status) => {
    const { consumer } = consumerOf([described(status), tagged('mapped')]);
    expect(await consumer.ensure(streamArn, true)).toEqual({ kind: 'not-ready', status });
  });

  it('is looked at again when it is doubted, or after a minute', async () => {
    const answers = Array(3)
      .fill([described('ACTIVE'), tagged('mapped')])
      .flat();
    const { consumer, calls, pass } = consumerOf(answers);
    await consumer.ensure(streamArn, true);
    await consumer.ensure(streamArn, false);
    expect(calls.length).toBe(2);
    await consumer.ensure(streamArn, true);
    expect(calls.length).toBe(4);
    pass(60_000);
    await consumer.ensure(streamArn, false);
    expect(calls.length).toBe(6);
  });

  it('and is another pipeline’s is refused, with its tag and what to do', async () => {
    const { consumer } = consumerOf([described('ACTIVE'), tagged('other')]);
    await expect(consumer.ensure(streamArn, true)).rejects.toMatchObject({
      name: 'ConsumerNotOwned',
      message:
        `consumer sluice-mapped (${arn}) exists and is not this pipeline's: its tag sluice:pipeline says 'other', not ` +
        "'mapped'. Name another one with subscribeToShard: { consumerName }, or take this one with subscribeToShard: { adopt: true }, which is also what to do if that is the name that this pipeline had before.",
    });
  });

  it('is not asked for its owner where it is adopted', async () => {
    const { consumer, names } = consumerOf([described('ACTIVE')], { adopt: true });
    expect(await consumer.ensure(streamArn, true)).toEqual({ kind: 'active', arn });
    expect(names()).toEqual(['DescribeStreamConsumer']);
  });
});

describe('deregistering', () => {
  it('forgets what was registered here, also if somebody else deregistered it', async () => {
    const { consumer, calls } = consumerOf([missing, registered, described('ACTIVE'), missing]);
    await consumer.ensure(streamArn, true);
    await consumer.deregisterOwn();
    await consumer.deregisterOwn();
    expect(calls.slice(3)).toEqual([{ name: 'DeregisterStreamConsumerCommand', input: { ConsumerARN: arn } }]);
  });

  it('leaves alone what was there before', async () => {
    const { consumer, calls } = consumerOf([described('ACTIVE'), tagged('mapped')]);
    await consumer.ensure(streamArn, true);
    await consumer.deregisterOwn();
    expect(calls.length).toBe(2);
  });
});
