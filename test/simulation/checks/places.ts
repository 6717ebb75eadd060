/** Where a checkpoint stands, and where a read ended: a position, or the end of the shard. */
import { describePosition, isSamePosition, type Position } from '../../../functions/core/position.ts';
import type { ShardCheckpoint } from '../../../functions/core/shard-checkpoint.ts';
import type { ShardResult } from '../../../functions/core/shard-result.ts';

export type Place = Position | { readonly kind: 'shard-end' };

const shardEnd = { kind: 'shard-end' } as const;

export const placeOf = (shard: ShardCheckpoint): Place => (shard.life === 'ended' ? shardEnd : shard.position);

export const placeAfter = ({ outcome }: Pick<ShardResult, 'outcome'>): Place =>
  outcome.kind === 'end-of-shard' ? shardEnd : outcome.to;

export const isSamePlace = (one: Place, other: Place): boolean =>
  one.kind === 'shard-end' || other.kind === 'shard-end' ? one.kind === other.kind : isSamePosition(one, other);

export const describePlace = (place: Place): string =>
  place.kind === 'shard-end' ? 'SHARD_END' : describePosition(place);
