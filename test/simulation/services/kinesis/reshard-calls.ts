/** SplitShard and MergeShards. */
import { streamOf, streamParameters, takeInput, textIn, type World } from './calls.ts';
import { takeHashKey } from './put-calls.ts';

export function splitShard(world: World, given: unknown): object {
  const input = takeInput(given, [...streamParameters, 'ShardToSplit', 'NewStartingHashKey']);
  const stream = streamOf(world, input);
  const shard = stream.shard(textIn(input, 'ShardToSplit'));
  stream.split(shard, BigInt(takeHashKey(input.NewStartingHashKey)), world.now());
  return {};
}

export function mergeShards(world: World, given: unknown): object {
  const input = takeInput(given, [...streamParameters, 'ShardToMerge', 'AdjacentShardToMerge']);
  const stream = streamOf(world, input);
  const shardOf = (name: string) => stream.shard(textIn(input, name));
  stream.merge(shardOf('ShardToMerge'), shardOf('AdjacentShardToMerge'), world.now());
  return {};
}
