/** TASK-1 and TASK-2 by hand. */
import { describe, expect, it } from 'vitest';
import { packShards } from '../../functions/core/pack-shards.ts';
import { fullTask } from '../../functions/core/shard-load.ts';

const shard = (shardId: string, work: number) => ({ shardId, work });
const pack = (shards: readonly ReturnType<typeof shard>[], limits: Parameters<typeof packShards>[2]) =>
  packShards(shards, ({ work }) => work, limits).map((task) => task.map(({ shardId }) => shardId).join(' '));

describe('with a number of shards per task', () => {
  it('packs heaviest first onto the lightest task', () => {
    const shards = [shard('a', 1), shard('b', 9), shard('c', 5), shard('d', 4)];
    expect(pack(shards, { shardsPerTask: 2, maxTasks: 40 })).toEqual(['b a', 'c d']);
  });

  it('goes past the lightest task when that is full', () => {
    const shards = [shard('a', 100), shard('b', 2), shard('c', 2), shard('d', 2)];
    expect(pack(shards, { shardsPerTask: 2, maxTasks: 40 })).toEqual(['a d', 'b c']);
  });

  it('deals out shards of equal work in turn, in the order of their names', () => {
    const shards = ['c', 'a', 'd', 'b'].map((shardId) => shard(shardId, 0));
    expect(pack(shards, { shardsPerTask: 2, maxTasks: 40 })).toEqual(['a c', 'b d']);
  });

  it('makes no task of no shards, and one of each where one is asked for', () => {
    expect(pack([], { shardsPerTask: 25, maxTasks: 40 })).toEqual([]);
    expect(pack([shard('a', 1), shard('b', 1)], { shardsPerTask: 1, maxTasks: 40 })).toEqual(['a', 'b']);
  });

  it('fills tasks beyond it rather than make more than may run', () => {
    const shards = Array.from({ length: 100 }, (_, at) => shard(`s${at}`, 0));
    const lengths = pack(shards, { shardsPerTask: 1, maxTasks: 40 }).map((task) => task.split(' ').length);
    expect(lengths).toEqual(Array(20).fill(3).concat(Array(20).fill(2)));
  });
});

describe('auto', () => {
  const auto = { shardsPerTask: 'auto', maxTasks: 40 } as const;

  it('makes one task of shards that are little work', () => {
    const shards = Array.from({ length: 50 }, (_, at) => shard(`s${at + 10}`, fullTask / 100));
    expect(pack(shards, auto)).toEqual([shards.map(({ shardId }) => shardId).join(' ')]);
    expect(pack([], auto)).toEqual([]);
    expect(pack([shard('a', 0)], auto)).toEqual(['a']);
  });

  it('makes no task with more shards than are subscribed to at once, while there are tasks enough', () => {
    const shards = Array.from({ length: 120 }, (_, at) => shard(`s${at + 100}`, 1));
    const lengths = (maxTasks: number) =>
      pack(shards, { ...auto, maxTasks, mostWithin: 50 }).map((task) => task.split(' ').length);
    expect(lengths(40)).toEqual([40, 40, 40]);
    expect(lengths(2)).toEqual([60, 60]);
  });

  it('leaves hot shards alone and puts the others together', () => {
    const shards = [shard('a', 1), shard('hot', fullTask), shard('b', 1), shard('warm', 0.6 * fullTask), shard('c', 1)];
    expect(pack(shards, auto)).toEqual(['hot', 'warm', 'a b c']);
  });

  it('makes as many tasks as the others fill', () => {
    const shards = ['a', 'b', 'c', 'd', 'e'].map((shardId) => shard(shardId, 0.45 * fullTask));
    expect(pack(shards, auto)).toEqual(['a d', 'b e', 'c']);
  });

  it('mixes them where hot ones alone would be too many tasks', () => {
    const shards = [shard('a', fullTask), shard('b', fullTask), shard('c', fullTask), shard('d', 1)];
    expect(pack(shards, { ...auto, maxTasks: 2 })).toEqual(['a c', 'b d']);
    expect(pack(shards, { ...auto, maxTasks: 1 })).toEqual(['a b c d']);
  });
});
