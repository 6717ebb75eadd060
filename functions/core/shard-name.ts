/**
 * What a shard is called wherever it is saved or sent: its source before its id. Two streams both have a
 * shardId-000000000000.
 *
 * In memory, shards are kept by their id alone: all of a pipeline are of its one source, and `ofMainSource` is the only way in.
 * With a second one those maps are to be by `shardKey`. Parents and children of a shard are of its own source.
 */
import { mainSource } from '../pipeline/sources.ts';

export type ShardName = { readonly source: string; readonly shardId: string };

export const ofMainSource = (shardId: string): ShardName => ({ source: mainSource, shardId });

export const nameOf = ({ source, shardId }: ShardName): ShardName => ({ source, shardId });

/** Where a text is asked for. */
export const shardKey = ({ source, shardId }: ShardName): string => `${source}#${shardId}`;
