/** TASK-1: every shard in one task, none too full; TASK-2: balanced; TASK-3: places kept together; the same packing for the same shards. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packShards } from '../../functions/core/pack-shards.ts';
import { fullTask } from '../../functions/core/shard-load.ts';

type Shard = { readonly shardId: string; readonly work: number };
const workOf = ({ work }: Shard): number => work;
/** As an idle shard is, as a hot one, or between. */
const work = fc.oneof(
  fc.integer({ min: 1, max: Math.floor(fullTask / 100) }),
  fc.integer({ min: 1, max: Math.floor(1.2 * fullTask) }),
);
const shards: fc.Arbitrary<Shard[]> = fc
  .uniqueArray(fc.tuple(fc.string({ maxLength: 8 }), work), { selector: ([shardId]) => shardId, maxLength: 200 })
  .map((all) => all.map(([shardId, amount]) => ({ shardId, work: amount })));
const maxTasks = fc.integer({ min: 1, max: 40 });
const placeOf = fc.constantFrom(undefined, ({ shardId }: Shard) => shardId.length);
const numbered = fc.record({ shardsPerTask: fc.integer({ min: 1, max: 50 }), maxTasks, placeOf }).map(given);
const auto = fc.record({ shardsPerTask: fc.constant('auto' as const), maxTasks, placeOf }).map(given);

function given<Limits extends { readonly placeOf: unknown }>({ placeOf: of, ...limits }: Limits) {
  return of === undefined ? limits : { ...limits, placeOf: of as (shard: Shard) => number };
}

it('puts every shard into exactly one task, and leaves no task empty (TASK-1)', () => {
  fc.assert(
    fc.property(shards, fc.oneof(numbered, auto), (all, limits) => {
      const tasks = packShards(all, workOf, limits);
      const ids = tasks.flat().map(({ shardId }) => shardId);
      expect([...ids].sort()).toEqual(all.map(({ shardId }) => shardId).sort());
      expect(tasks.every((task) => task.length > 0)).toBe(true);
      expect(tasks.length).toBeLessThanOrEqual(limits.maxTasks);
    }),
  );
});

it('keeps to a number of shards per task as far as the number of tasks allows (TASK-1)', () => {
  fc.assert(
    fc.property(shards, numbered, (all, limits) => {
      const tasks = packShards(all, workOf, limits);
      expect(tasks.length).toBe(Math.min(limits.maxTasks, Math.ceil(all.length / limits.shardsPerTask)));
      for (const task of tasks) expect(task.length).toBeLessThanOrEqual(Math.ceil(all.length / tasks.length));
    }),
  );
});

it('auto: tasks with several shards differ by less than two times (TASK-2)', () => {
  fc.assert(
    fc.property(shards, auto, (all, limits) => {
      const packed = packShards(all, workOf, limits).filter((task) => task.length > 1);
      const works = packed.map((task) => task.reduce((sum, shard) => sum + shard.work, 0));
      if (works.length > 0) expect(Math.max(...works)).toBeLessThan(2 * Math.min(...works));
    }),
    { numRuns: 500 },
  );
});

it('auto: uses no more tasks than hot shards and what the others fill', () => {
  fc.assert(
    fc.property(shards, auto, (all, limits) => {
      const others = all.filter((shard) => shard.work <= fullTask / 2);
      const filled = Math.ceil(others.reduce((sum, shard) => sum + shard.work, 0) / fullTask);
      const tasks = packShards(all, workOf, limits);
      expect(tasks.length).toBe(Math.min(limits.maxTasks, all.length - others.length + filled));
    }),
  );
});

it('does not depend on the order of the shards', () => {
  fc.assert(
    fc.property(shards, fc.oneof(numbered, auto), (all, limits) => {
      expect(packShards([...all].reverse(), workOf, limits)).toEqual(packShards(all, workOf, limits));
    }),
  );
});

it('fills tasks with shards of little work place by place, and balances them all the same (TASK-3)', () => {
  const little = fc.record({
    works: fc.array(fc.integer({ min: 1_500, max: 3_000 }), { minLength: 400, maxLength: 600 }),
    places: fc.integer({ min: 1, max: 20 }),
    tasks: fc.integer({ min: 1, max: 20 }),
    isNumbered: fc.boolean(),
  });
  fc.assert(
    fc.property(little, ({ works, places, tasks: maxTasks, isNumbered }) => {
      const all = works.map((amount, at) => ({ shardId: `s${at + 1_000}`, work: amount, place: (at * 7) % places }));
      const limits = { shardsPerTask: isNumbered ? 1 : ('auto' as const), maxTasks };
      const tasks = packShards(all, ({ work: of }) => of, { ...limits, placeOf: ({ place }) => place });
      const loads = tasks.map((task) => task.reduce((sum, { work: of }) => sum + of, 0));
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(
        isNumbered ? 0.5 * Math.max(...loads) : 6_000,
      );
      const parts = tasks.map((task) => new Set(task.map(({ place }) => place)).size);
      // Each task begins one in the middle, at most; where all must have as many, some shards go elsewhere.
      if (!isNumbered) expect(parts.reduce((sum, count) => sum + count, 0)).toBeLessThan(places + tasks.length);
    }),
  );
});
