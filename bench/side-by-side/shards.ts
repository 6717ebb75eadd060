/** What ListShards says of a stream whose shards are all open. */
import type { Shard } from '@aws-sdk/client-kinesis';

const hashes = 2n ** 128n;
export const shardIdOf = (at: number): string => `shardId-${String(at).padStart(12, '0')}`;

export function openShards(count: number): readonly Shard[] {
  const width = hashes / BigInt(count);
  return Array.from({ length: count }, (_, at) => {
    const place = BigInt(at) * width;
    return {
      ShardId: shardIdOf(at),
      HashKeyRange: { StartingHashKey: String(place), EndingHashKey: String(place + width - 1n) },
      SequenceNumberRange: { StartingSequenceNumber: String(4967n * 10n ** 52n + BigInt(at)) },
    };
  });
}

/** Of all variants, each shard is read by one of so many. */
export const shardsPerTask = 25;

/** What a plan says, by the shards of each of its tasks. */
export function digestOfPlan(shardsOf: readonly number[]): string {
  const shards = shardsOf.reduce((sum, count) => sum + count, 0);
  return `${shards} shards in ${shardsOf.length} tasks of up to ${Math.max(...shardsOf)}`;
}
