/** Which shard is split, and which two are merged. */
import type { OpenShard } from '../../local/services/streams.ts';

/** The widest, in its middle. */
export function splitOf(open: readonly OpenShard[]): { readonly shardId: string; readonly at: string } {
  const width = ({ startingHashKey, endingHashKey }: OpenShard): bigint => endingHashKey - startingHashKey;
  const [first, ...others] = open;
  if (first === undefined) throw new Error('the stream has no open shard to split');
  const widest = others.reduce((most, shard) => (width(shard) > width(most) ? shard : most), first);
  return { shardId: widest.shardId, at: String(widest.startingHashKey + (width(widest) + 1n) / 2n) };
}

/** The first two neighbours by hash keys. */
export function mergeOf(open: readonly OpenShard[]): { readonly shardId: string; readonly adjacent: string } {
  const [one, other] = open;
  if (one === undefined || other === undefined)
    throw new Error(`the stream has ${open.length} open shards: two are needed to merge`);
  return { shardId: one.shardId, adjacent: other.shardId };
}
