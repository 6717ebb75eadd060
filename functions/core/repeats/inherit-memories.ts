/**
 * Which memories stand for a shard, from batch to batch.
 *
 * NAMED-1 An executor stores it before its block, which names it; the seal that takes the block names it with the position that it
 *    belongs to. So who reads on has what was known there, whoever read up to there; what other tries have stored is named by nobody.
 * NAMED-2 A shard that has nothing of its own yet has what its parents had at their ends, each of them: from the seal in which one
 *    ends. A parent that leaves the stream leaves that to it.
 * NAMED-3 The seal that names another for a shard, or none, says which ones are replaced. They are deleted once that batch is no
 *    longer retained, and so is what no seal has named.
 */
import type { ShardCheckpoint } from '../shard-checkpoint.ts';
import type { MemoryChanges, NamedMemory } from './named-memory.ts';

export const noChanges: MemoryChanges = { named: [], replaced: [] };

/** A shard reads on by what several have left, until something of its own is stored. */
export function inheritMemories(shards: readonly ShardCheckpoint[]): readonly ShardCheckpoint[] {
  const ended = new Map(
    shards.flatMap((shard) => (shard.life === 'ended' && shard.memories !== undefined ? [[shard.shardId, shard]] : [])),
  );
  if (ended.size === 0) return shards;
  return shards.map((shard) => {
    if (shard.life !== 'unread') return shard;
    const left = shard.parents.flatMap((parent) => ended.get(parent)?.memories ?? []);
    const own = shard.memories ?? [];
    const all = union(own, left);
    return all.length === own.length ? shard : { ...shard, memories: all };
  });
}

/** Of a pipeline that does not look for repeats: what was known once would have gaps. */
export const withoutMemories = (shards: readonly ShardCheckpoint[]): readonly ShardCheckpoint[] =>
  shards.map((shard) => {
    if (shard.memories === undefined) return shard;
    const { memories: _, ...rest } = shard;
    return rest;
  });

export function memoryChanges(
  before: readonly ShardCheckpoint[],
  after: readonly ShardCheckpoint[],
): MemoryChanges | undefined {
  const [had, has] = [namesIn(before), namesIn(after)];
  const named = [...has].filter(([nonce]) => !had.has(nonce)).map(([, memory]) => memory);
  const replaced = [...had].filter(([nonce]) => !has.has(nonce)).map(([, memory]) => memory);
  return named.length + replaced.length === 0 ? undefined : { named, replaced };
}

const namesIn = (shards: readonly ShardCheckpoint[]): ReadonlyMap<string, NamedMemory> =>
  new Map(shards.flatMap(({ memories = [] }) => memories.map((memory) => [memory.nonce, memory])));

const union = (own: readonly NamedMemory[], more: readonly NamedMemory[]): readonly NamedMemory[] => [
  ...new Map([...own, ...more].map((memory) => [memory.nonce, memory])).values(),
];
