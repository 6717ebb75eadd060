/** K2: every shard in one task, none too full; the same packing for the same shards. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packShards } from '../../functions/core/pack-shards.ts';
import { checkpoint } from '../support/builders.ts';

const shard = fc.tuple(fc.string({ maxLength: 8 }), fc.oneof(fc.nat(10_000_000), fc.constant(0)));
const shards = fc
  .uniqueArray(shard, { selector: ([shardId]) => shardId, maxLength: 200 })
  .map((all) => all.map(([shardId, bytes]) => checkpoint(shardId, { load: { records: 0, bytes } })));
const limits = fc.record({ shardsPerTask: fc.integer({ min: 1, max: 50 }), maxTasks: fc.integer({ min: 1, max: 40 }) });

it('puts every shard into exactly one task within capacity, and leaves no task empty (K2)', () => {
  fc.assert(
    fc.property(shards, limits, (all, given) => {
      const tasks = packShards(all, given);
      const ids = tasks.flat().map(({ shardId }) => shardId);
      expect([...ids].sort()).toEqual(all.map(({ shardId }) => shardId).sort());
      expect(tasks.length).toBe(Math.min(given.maxTasks, Math.ceil(all.length / given.shardsPerTask)));
      for (const task of tasks) {
        expect(task.length).toBeGreaterThan(0);
        expect(task.length).toBeLessThanOrEqual(Math.ceil(all.length / tasks.length));
      }
    }),
  );
});

it('does not depend on the order of the shards', () => {
  fc.assert(
    fc.property(shards, limits, (all, given) => {
      expect(packShards([...all].reverse(), given)).toEqual(packShards(all, given));
    }),
  );
});

it('balances: without a cap in the way no task exceeds another by more than one shard', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 2, maxLength: 60 }), (loads) => {
      const all = loads.map((bytes, at) => checkpoint(`s${at}`, { load: { records: 0, bytes } }));
      const [one = [], other = []] = packShards(all, { shardsPerTask: Math.ceil(loads.length / 2), maxTasks: 2 });
      const bytesOf = (task: typeof one) => task.reduce((sum, { load }) => sum + load.bytes, 0);
      const isFull = Math.max(one.length, other.length) === Math.ceil(loads.length / 2);
      if (!isFull) expect(Math.abs(bytesOf(one) - bytesOf(other))).toBeLessThanOrEqual(Math.max(...loads));
    }),
  );
});
