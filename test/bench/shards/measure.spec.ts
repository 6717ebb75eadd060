/** What a batch costs of a stream of many shards, in units: a bound at a size that is quickly measured. `npm run bench:shards` has the rest. */
import { expect, it } from 'vitest';
import { type Costs, measureShards, unitsOf } from './measure.ts';
import { measureWide } from './wide.ts';

const counts = { open: 600, ended: 1_400 };
const settled = 4;
const worst = (all: readonly Costs[], of: (costs: Costs) => number) => Math.max(...all.slice(settled).map(of));

it('grows with what has moved, and not with the shards there are; reducers read none of them', async () => {
  const few = await measureShards({ ...counts, movedPart: 0.01, batches: 8 });
  const all = await measureShards({ ...counts, movedPart: 1, batches: 5 });
  expect(worst(few, (costs) => costs.reducer.readUnits)).toBe(1);
  // Six shards of 600: a list of changes, the root, and now and then a group.
  expect(worst(few, ({ seal }) => seal.writeUnits)).toBeLessThanOrEqual(14);
  expect(worst(all, ({ seal }) => seal.writeUnits)).toBeGreaterThan(20);
  expect(worst(few, (costs) => unitsOf(costs, 'writeUnits'))).toBeLessThanOrEqual(60);
  expect(worst(few, (costs) => unitsOf(costs, 'readUnits'))).toBeLessThanOrEqual(130);
  // Each of the three reads all of them once: 600 open ones of 23 bytes, 1,400 that have ended of less than nine.
  expect(worst(few, ({ plan }) => plan.readUnits)).toBeLessThanOrEqual(15);
});

it('has plans that say which shards a task has, and not once more where they stand', async () => {
  const few = await measureShards({ open: 2_000, ended: 0, movedPart: 0.01, batches: 7 });
  // Twenty tasks: copied these shards are 50 KB.
  expect(worst(few, ({ plan }) => plan.writeUnits)).toBeLessThanOrEqual(45);
  expect(worst(few, ({ executors }) => executors.readUnits)).toBeLessThanOrEqual(160);
});

it('runs more executors than one Map does in waves, with payloads that have words of them and no more', async () => {
  const { executors, waves, payloads, steps } = await measureWide({ shards: 90, perTask: 2, keyGroups: 3 });
  expect([executors, waves, steps.executors.calls, steps.reducers.calls]).toEqual([45, 2, 45, 3]);
  expect(Math.max(...Object.values(payloads))).toBeLessThan(3_000);
});
