/**
 * What is kept of shards that were read to their end.
 *
 * LEFT-1 A child that was not read yet takes watermark, load, memories and read times from its parents. Once each child was, and they have all of
 *    its hash keys, nobody asks the parent for them any more: a few bytes of it are left until it leaves the stream.
 * LEFT-2 Its name, parents and `readThrough` are kept: by these it is known in a listing, and not taken for a shard that was never read.
 */
import { type EndedShard, type HashRange, hasEnded, type ShardCheckpoint, unmeasured } from './shard-checkpoint.ts';
import { nameOf } from './shard-name.ts';

/** There is no hash key in it. */
const emptyRange: HashRange = { start: '0', end: '-1' };

const isLeft = ({ hashRange }: EndedShard): boolean => hashRange.end === emptyRange.end;

export function leftToChildren(shards: readonly ShardCheckpoint[]): readonly ShardCheckpoint[] {
  const candidates = new Set(shards.filter((shard) => hasEnded(shard) && !isLeft(shard)).map(({ shardId }) => shardId));
  if (candidates.size === 0) return shards;
  const children = new Map<string, ShardCheckpoint[]>();
  for (const shard of shards) {
    for (const parent of shard.parents) {
      if (!candidates.has(parent)) continue;
      const known = children.get(parent) ?? [];
      children.set(parent, known);
      known.push(shard);
    }
  }
  return shards.map((shard) => {
    // A parent is asked for its share of its children: it goes first.
    if (!hasEnded(shard) || isLeft(shard) || shard.parents.some((parent) => candidates.has(parent))) return shard;
    return isTakenOver(shard, children.get(shard.shardId) ?? []) ? leftOf(shard) : shard;
  });
}

function isTakenOver({ hashRange }: EndedShard, children: readonly ShardCheckpoint[]): boolean {
  if (children.length === 0 || children.some(({ life }) => life === 'unread')) return false;
  const taken = children.reduce((sum, child) => sum + keysInBoth(hashRange, child.hashRange), 0n);
  return taken === keysInBoth(hashRange, hashRange);
}

function keysInBoth(one: HashRange, other: HashRange): bigint {
  const [start, otherStart] = [BigInt(one.start), BigInt(other.start)];
  const [end, otherEnd] = [BigInt(one.end), BigInt(other.end)];
  const first = start > otherStart ? start : otherStart;
  const last = end < otherEnd ? end : otherEnd;
  return last < first ? 0n : last - first + 1n;
}

const leftOf = (shard: EndedShard): EndedShard => ({
  ...nameOf(shard),
  ...{ life: 'ended', parents: shard.parents, hashRange: emptyRange, watermark: null, load: unmeasured },
  ...{ readThrough: shard.readThrough, lastArrival: null },
});
