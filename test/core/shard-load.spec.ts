/** LOAD-1, what is expected of shards that were read, idle, split, merged or never read, and the plan of 1,000 shards. */
import { describe, expect, it } from 'vitest';
import { packShards } from '../../functions/core/pack-shards.ts';
import { type ShardCheckpoint, type ShardLoad, unmeasured } from '../../functions/core/shard-checkpoint.ts';
import { expectedWork, fullAnswer, fullTask, measure, workOf } from '../../functions/core/shard-load.ts';
import { checkpoint, noon } from '../support/builders.ts';

const second = 1_000;
const read = (records: number, bytes: number, at: number) => ({ records, bytes, answeredAt: noon + at * second });
const load = (records: number, bytes: number, at = 0): ShardLoad => ({ records, bytes, at: noon + at * second });

describe('the load of a shard', () => {
  it('is what it delivered in a second since the read before', () => {
    expect(measure(load(0, 0), read(300, 60_000, 10))).toEqual(load(30, 6_000, 10));
  });

  it('of a first read counts as delivered in ten seconds', () => {
    expect(measure(unmeasured, read(10_000, 2_000_000, 0))).toEqual(load(1_000, 200_000));
  });

  it('rises at once and falls slowly: one empty batch does not forget a hot shard (LOAD-1)', () => {
    const hot = measure(load(5, 1_000), read(10_000, 2_000_000, 10));
    expect(hot).toEqual(load(1_000, 200_000, 10));
    const afterOne = measure(hot, read(0, 0, 20));
    expect(afterOne).toEqual(load(846, 169_296, 20));
    let later = afterOne;
    for (let at = 30; at <= 320; at += 10) later = measure(later, read(0, 0, at));
    expect(later.bytes).toBeLessThan(0.01 * hot.bytes);
  });

  it('does not depend on how long the pipeline stood still', () => {
    expect(measure(load(0, 0), read(600, 6_000, 86_400))).toEqual(load(10, 100, 86_400));
    expect(measure(load(0, 0), read(600, 6_000, 0))).toEqual(load(600, 6_000));
  });

  it('stays as it was if the shard was not reached, and never goes back in time', () => {
    const before = load(7, 70, 5);
    expect(measure(before, { records: 0, bytes: 0 })).toBe(before);
    expect(measure(before, read(0, 0, 3)).at).toBe(before.at);
  });
});

function worksOf(
  shards: readonly ShardCheckpoint[],
  given: { readonly known?: readonly ShardCheckpoint[]; readonly everyMs?: number; readonly maxRecords?: number } = {},
) {
  const { known = shards, everyMs = 10 * second, maxRecords = 10_000 } = given;
  const byId = new Map(known.map((shard) => [shard.shardId, shard]));
  return [...expectedWork(shards, byId, { everyMs, maxRecords }).values()];
}

describe('the work expected of a shard', () => {
  it('is its rate for as long as a trigger, and the call', () => {
    const shards = [checkpoint('a', { load: load(10, 2_000) }), checkpoint('b', { load: load(0, 0) })];
    expect(worksOf(shards)).toEqual([workOf({ records: 100, bytes: 20_000 }), workOf(unmeasured)]);
    expect(worksOf(shards, { everyMs: 0 })[0]).toBe(workOf({ records: 10, bytes: 2_000 }));
  });

  it('is one full answer at most, and no more records than a batch takes', () => {
    const hot = checkpoint('a', { load: load(5_000, 2_097_152) });
    expect(worksOf([hot])).toEqual([fullTask]);
    expect(worksOf([hot], { maxRecords: 500 })).toEqual([workOf({ records: 500, bytes: fullAnswer.bytes })]);
  });

  it('fades while others were read and this one brought nothing worth writing down', () => {
    const shards = [checkpoint('a', { load: load(0, 0, 600) }), checkpoint('b', { load: load(1_000, 200_000) })];
    expect(worksOf(shards)[1]).toBeLessThan(1.01 * workOf(unmeasured));
  });

  it('of a child that was never read is its share of its parents', () => {
    const ranges = [
      { start: '0', end: '99' },
      { start: '0', end: '24' },
      { start: '25', end: '99' },
      { start: '0', end: '199' },
      { start: '100', end: '199' },
    ] as const;
    const parent = checkpoint('p', { load: load(100, 1_000), hashRange: ranges[0] });
    const quarter = checkpoint('q', { parents: ['p'], hashRange: ranges[1] });
    const rest = checkpoint('r', { parents: ['p'], hashRange: ranges[2] });
    const other = checkpoint('o', { load: load(20, 200), hashRange: ranges[4] });
    const merged = checkpoint('m', { parents: ['p', 'o'], hashRange: ranges[3] });
    const known = [parent, quarter, rest, other, merged];
    expect(worksOf([quarter, rest, merged], { known })).toEqual([
      workOf({ records: 250, bytes: 2_500 }),
      workOf({ records: 750, bytes: 7_500 }),
      workOf({ records: 1_200, bytes: 12_000 }),
    ]);
    const grandchild = checkpoint('g', { parents: ['q'], hashRange: ranges[1] });
    expect(worksOf([grandchild], { known: [...known, grandchild] })).toEqual([workOf({ records: 250, bytes: 2_500 })]);
  });

  it('of a shard without such parents is that of the others, or a quarter of a full answer', () => {
    const known = [checkpoint('a', { load: load(10, 100) }), checkpoint('b', { load: load(30, 300) }), checkpoint('c')];
    expect(worksOf(known)[2]).toBe(workOf({ records: 200, bytes: 2_000 }));
    expect(worksOf([checkpoint('a', { parents: ['gone'] })])).toEqual([
      workOf({ records: 2_500, bytes: fullAnswer.bytes / 4 }),
    ]);
  });
});

it('1,000 shards of which one in a hundred is hot: at most 40 tasks, each a single shard or less than twice another', () => {
  const shards = Array.from({ length: 1_000 }, (_, at) =>
    checkpoint(`shardId-${at}`, { load: at % 100 === 7 ? load(1_000, 1_000_000) : load(at % 5, 40 * (at % 5)) }),
  );
  const work = expectedWork(shards, new Map(shards.map((shard) => [shard.shardId, shard])), {
    everyMs: 10 * second,
    maxRecords: 10_000,
  });
  const workOfShard = ({ shardId }: ShardCheckpoint) => work.get(shardId)!;
  const tasks = packShards(shards, workOfShard, { shardsPerTask: 'auto', maxTasks: 40 });
  expect(tasks.filter((task) => task.length === 1).map(([only]) => only!.load.bytes)).toEqual(
    Array(10).fill(1_000_000),
  );
  const works = tasks.filter((task) => task.length > 1).map((task) => task.reduce((sum, s) => sum + workOfShard(s), 0));
  expect(tasks.length).toBeLessThanOrEqual(40);
  expect(works.length).toBeGreaterThan(1);
  expect(Math.max(...works)).toBeLessThan(2 * Math.min(...works));
});
