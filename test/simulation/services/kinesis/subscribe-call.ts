/** SubscribeToShard: one subscription for each consumer and shard; the later one takes over. */
import { type Input, takeInput, textIn, type World } from './calls.ts';
import { consumerIn } from './consumer-calls.ts';
import { inUse, limitExceeded, notFound, refuse } from './errors.ts';
import { placeIn } from './iterator.ts';
import { Subscription } from './subscription.ts';

const againMs = 5_000;

export function subscribeToShard(world: World, given: unknown): { readonly EventStream: Subscription } {
  const input = takeInput(given, ['ConsumerARN', 'ShardId', 'StartingPosition']);
  const { stream, consumer } = consumerIn(world, { ConsumerARN: textIn(input, 'ConsumerARN') });
  const now = world.now();
  const status = consumer.statusAt(now);
  if (status === 'DELETING') throw notFound(`Consumer ${consumer.arn} is being deregistered.`);
  if (status !== 'ACTIVE') throw inUse(`Consumer ${consumer.arn} is ${status}.`);
  const shard = stream.shard(textIn(input, 'ShardId'));
  const subscribed = consumer.of(shard.shardId);
  if (!subscribed.calls.take(now)) throw limitExceeded(`SubscribeToShard ${shard.shardId}: rate exceeded`);
  if (now - subscribed.subscribedAt < againMs)
    throw inUse(`Another subscription of ${consumer.arn} to ${shard.shardId} was made less than 5 seconds ago.`);
  const place = { stream, shard, ...placeIn(world, stream, shard, takePosition(input.StartingPosition)) };
  subscribed.current?.endWith('taken over');
  subscribed.subscribedAt = now;
  subscribed.current = new Subscription(world, consumer.arn, place);
  return { EventStream: subscribed.current };
}

/** As GetShardIterator has it. */
function takePosition(given: unknown): Input {
  if (given === undefined) throw refuse('StartingPosition must be given');
  const { Type, SequenceNumber, Timestamp } = takeInput(given, ['Type', 'SequenceNumber', 'Timestamp']);
  return { ShardIteratorType: Type, StartingSequenceNumber: SequenceNumber, Timestamp };
}
