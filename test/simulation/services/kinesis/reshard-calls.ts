/** SplitShard, MergeShards, and UpdateShardCount, which is a series of them. */
import { streamOf, streamParameters, takeInput, textIn, type World, wholeIn } from './calls.ts';
import { limitExceeded, refuse } from './errors.ts';
import { takeHashKey } from './put-calls.ts';
import { hashes, type StoredShard, type StoredStream } from './stored-stream.ts';

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

const dayMs = 86_400_000;
const mostScalings = 10;

/**
 * To shards of one width: splits wherever a new shard begins, then merges of what lies between. Some shards live for a
 * moment only, as AWS says of it.
 */
export function updateShardCount(world: World, given: unknown): object {
  const input = takeInput(given, [...streamParameters, 'TargetShardCount', 'ScalingType']);
  const stream = streamOf(world, input);
  if (input.ScalingType !== 'UNIFORM_SCALING') throw refuse(`ScalingType must be UNIFORM_SCALING`);
  const target = wholeIn(input, 'TargetShardCount', { least: 1, most: 10_000 });
  const current = stream.openShards.length;
  const now = world.now();
  stream.scaledAt = stream.scaledAt.filter((time) => time > now - dayMs);
  if (target > 2 * current || 2 * target < current) throw limitExceeded(`${current} shards cannot become ${target}`);
  if (stream.scaledAt.length >= mostScalings) throw limitExceeded(`scaled ${mostScalings} times within 24 hours`);
  stream.scaledAt.push(now);
  const starts = Array.from({ length: target }, (_, at) => (hashes * BigInt(at)) / BigInt(target));
  for (const start of starts) splitAt(stream, start, now);
  for (const [at, start] of starts.entries()) mergeWithin(stream, { start, end: (starts[at + 1] ?? hashes) - 1n }, now);
  return { StreamName: stream.name, StreamARN: stream.arn, CurrentShardCount: current, TargetShardCount: target };
}

function splitAt(stream: StoredStream, start: bigint, now: number): void {
  const shard = stream.shardFor(start);
  if (shard.hashRange.start < start) stream.split(shard, start, now);
}

function mergeWithin(stream: StoredStream, range: StoredShard['hashRange'], now: number): void {
  for (;;) {
    const low = stream.shardFor(range.start);
    if (low.hashRange.end >= range.end) return;
    stream.merge(low, stream.shardFor(low.hashRange.end + 1n), now);
  }
}
