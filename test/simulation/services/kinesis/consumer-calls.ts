/** Consumers of enhanced fan-out: registered, described, listed, deregistered. Both ends of a life take a while. */
import { type Input, seal, streamOf, takeInput, textIn, timeIn, unseal, type World, wholeIn } from './calls.ts';
import { expiredToken, inUse, limitExceeded, notFound, refuse } from './errors.ts';
import { mustBeOf } from './list-shards-call.ts';
import { StoredConsumer } from './stored-consumer.ts';
import type { StoredStream } from './stored-stream.ts';
import { takeTags } from './tag-calls.ts';

const mostConsumers = 20;
const mostCreating = 5;
const tokenMs = 300_000;
/** Whoever asks for more gets so many. */
const mostListed = 100;

const consumerParameters = ['StreamARN', 'ConsumerName', 'ConsumerARN'];

export function registerStreamConsumer(world: World, given: unknown): object {
  const input = takeInput(given, ['StreamARN', 'ConsumerName', 'Tags']);
  const stream = streamOf(world, { StreamARN: textIn(input, 'StreamARN') });
  const name = textIn(input, 'ConsumerName');
  const now = world.now();
  if (!/^[\w.-]{1,128}$/.test(name)) throw refuse(`ConsumerName must be 1 to 128 of a-zA-Z0-9_.-, not ${name}`);
  if (!world.registrations.take(now)) throw limitExceeded('RegisterStreamConsumer: rate exceeded');
  const others = stream.consumersAt(now);
  if (others.some((other) => other.name === name)) throw inUse(`Consumer ${name} of ${stream.arn} already exists.`);
  if (others.length >= mostConsumers) throw limitExceeded(`${stream.arn} has ${mostConsumers} consumers`);
  const creating = others.filter((other) => other.statusAt(now) === 'CREATING');
  if (creating.length >= mostCreating) throw limitExceeded(`${mostCreating} consumers are being created`);
  const consumer = new StoredConsumer({
    name,
    streamArn: stream.arn,
    createdAt: now,
    activeAt: now + world.random.int(...world.quirks.consumerMs),
    tags: takeTags(input.Tags),
  });
  stream.consumers.push(consumer);
  return { Consumer: describe(consumer, now) };
}

export function describeStreamConsumer(world: World, given: unknown): object {
  const { stream, consumer } = consumerIn(world, takeInput(given, consumerParameters));
  const now = world.now();
  if (!stream.describedConsumers.take(now)) throw limitExceeded('DescribeStreamConsumer: rate exceeded');
  return { ConsumerDescription: { ...describe(consumer, now), StreamARN: stream.arn } };
}

export function deregisterStreamConsumer(world: World, given: unknown): object {
  const { stream, consumer } = consumerIn(world, takeInput(given, consumerParameters));
  const now = world.now();
  if (!stream.deregistrations.take(now)) throw limitExceeded('DeregisterStreamConsumer: rate exceeded');
  if (consumer.statusAt(now) !== 'DELETING') consumer.deregister(now + world.random.int(...world.quirks.consumerMs));
  return {};
}

export function listStreamConsumers(world: World, given: unknown): object {
  const input = takeInput(given, ['StreamARN', 'NextToken', 'MaxResults', 'StreamCreationTimestamp']);
  const stream = streamOf(world, { StreamARN: textIn(input, 'StreamARN') });
  const now = world.now();
  if (!stream.listedConsumers.take(now)) throw limitExceeded('ListStreamConsumers: rate exceeded');
  if (input.StreamCreationTimestamp !== undefined) mustBeOf(stream, timeIn(input, 'StreamCreationTimestamp'));
  const max = input.MaxResults === undefined ? mostListed : wholeIn(input, 'MaxResults', { least: 1, most: 10_000 });
  const after = input.NextToken === undefined ? '' : takeToken(textIn(input, 'NextToken'), stream, now);
  const all = stream.consumersAt(now).filter(({ name }) => name > after);
  const sorted = all.sort((one, other) => (one.name < other.name ? -1 : 1));
  const page = sorted.slice(0, Math.min(max, mostListed));
  const more =
    page.length < sorted.length ? { NextToken: seal('ConsumersToken', [stream.arn, page.at(-1)!.name, now]) } : {};
  return { Consumers: page.map((consumer) => describe(consumer, now)), ...more };
}

function takeToken(token: string, stream: StoredStream, now: number): string {
  const [arn, after, made] = unseal(token, 'ConsumersToken');
  if (arn !== stream.arn) throw refuse('the token is of another stream');
  if (now - Number(made) > tokenMs) throw expiredToken();
  return String(after);
}

/** By its ARN, or by its stream and its name; all three must agree. */
export function consumerIn(
  world: World,
  input: Input,
): { readonly stream: StoredStream; readonly consumer: StoredConsumer } {
  const { ConsumerARN, StreamARN, ConsumerName } = input;
  const isWhole = ConsumerARN !== undefined || (StreamARN !== undefined && ConsumerName !== undefined);
  if (!isWhole) throw refuse('give the ConsumerARN, or the StreamARN and the ConsumerName');
  const streamArn = String(StreamARN ?? String(ConsumerARN).replace(/\/consumer\/.*$/, ''));
  const what = `Consumer ${ConsumerARN ?? ConsumerName} of ${streamArn}`;
  const stream = streamOf(world, { StreamARN: streamArn });
  const consumer = stream
    .consumersAt(world.now())
    .find(
      ({ arn, name }) =>
        (ConsumerARN === undefined || arn === ConsumerARN) && (ConsumerName === undefined || name === ConsumerName),
    );
  if (consumer === undefined) throw notFound(`${what} not found.`);
  return { stream, consumer };
}

const describe = (consumer: StoredConsumer, now: number): object => ({
  ConsumerName: consumer.name,
  ConsumerARN: consumer.arn,
  ConsumerStatus: consumer.statusAt(now),
  ConsumerCreationTimestamp: new Date(consumer.createdAt),
});
