/**
 * Whether a shard is over, where an answer does not say so in so many words.
 *
 * At its end Kinesis gives no iterator and names the children. An answer with neither is one that lacks something, or
 * comes from a server that names no children: the listing decides. It tells only that the shard was closed, so what lies
 * behind the position is asked for once more. Nothing is put into a closed shard: nothing there then is the end.
 */
import type { ListedShard } from '../../core/shard-checkpoint.ts';

export type ShardEnd = { readonly children: readonly ListedShard[] };

/** Undefined: the shard is open, or has something left. */
export async function findEnd(
  shardId: string,
  ask: {
    readonly list: () => Promise<readonly ListedShard[]>;
    /** Whether nothing is left behind the position. */
    readonly isNothingLeft: () => Promise<boolean>;
  },
): Promise<ShardEnd | undefined> {
  const listed = await ask.list();
  const children = listed.filter(({ parents }) => parents.includes(shardId));
  const own = listed.find((shard) => shard.shardId === shardId);
  const isClosed = children.length > 0 || own?.sequenceNumbers?.last !== undefined;
  return isClosed && (await ask.isNothingLeft()) ? { children } : undefined;
}
