/** K2 by hand. */
import { expect, it } from 'vitest';
import { packShards } from '../../functions/core/pack-shards.ts';
import { checkpoint } from '../support/builders.ts';

const shard = (shardId: string, bytes: number) => checkpoint(shardId, { load: { records: 0, bytes } });
const idsOf = (tasks: readonly { readonly shardId: string }[][]) =>
  tasks.map((task) => task.map(({ shardId }) => shardId).join(' '));

it('packs heaviest first onto the lightest task', () => {
  const shards = [shard('a', 1), shard('b', 9), shard('c', 5), shard('d', 4)];
  expect(idsOf(packShards(shards, { shardsPerTask: 2, maxTasks: 40 }))).toEqual(['b a', 'c d']);
});

it('goes past the lightest task when that is full', () => {
  const shards = [shard('a', 100), shard('b', 2), shard('c', 2), shard('d', 2)];
  expect(idsOf(packShards(shards, { shardsPerTask: 2, maxTasks: 40 }))).toEqual(['a d', 'b c']);
});

it('deals out shards of unknown load in turn, in the order of their names', () => {
  const shards = ['c', 'a', 'd', 'b'].map((shardId) => shard(shardId, 0));
  expect(idsOf(packShards(shards, { shardsPerTask: 2, maxTasks: 40 }))).toEqual(['a c', 'b d']);
});

it('makes no task of no shards, and one of each where one is asked for', () => {
  expect(packShards([], { shardsPerTask: 25, maxTasks: 40 })).toEqual([]);
  expect(idsOf(packShards([shard('a', 1), shard('b', 1)], { shardsPerTask: 1, maxTasks: 40 }))).toEqual(['a', 'b']);
});

it('fills tasks beyond shardsPerTask rather than make more than the machine runs', () => {
  const shards = Array.from({ length: 100 }, (_, at) => shard(`s${at}`, 0));
  expect(packShards(shards, { shardsPerTask: 1, maxTasks: 40 }).map((task) => task.length)).toEqual(
    Array(20).fill(3).concat(Array(20).fill(2)),
  );
});
