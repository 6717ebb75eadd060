/**
 * A row that kills whoever runs user code on it, behind a hundred shards: how many batches and how long everything waits,
 * and that outages of services give no row up.
 */
import { describe, expect, it } from 'vitest';
import { type Fault, outageKinds } from './faults/fault.ts';
import { maxBatchesOfOthers, runHundredShards } from './hundred-shards.ts';
import { deadlyKinds } from './world/deadly-code.ts';
import type { Scenario } from './world/scenario.ts';

const seconds = 1_000;
const minutes = 60 * seconds;

async function run(given: Partial<Scenario>, faults: readonly Fault[] = []) {
  // The checks hold every other row against what was put, and the dead letter of this one.
  const { result, commits, waits, letters } = await runHundredShards({ parallelism: 4, ...given }, { faults });
  const gaps = commits.slice(1).map((at, before) => at - commits[before]!);
  // A row belongs to no shard.
  const batches = waits(new Set()).others;
  return { letters: letters('crashed-reducer'), longest: Math.max(...gaps), batches, hits: result.hits };
}

describe.each(deadlyKinds)('a row that kills its reducer (%s)', (how) => {
  it('is a dead letter of its own batch, which waits two minutes between three deaths and little more', async () => {
    const { letters, longest, batches } = await run({ deadlyRow: { how, at: [1_000] } });
    expect(letters).toBe(1);
    expect(batches).toBeLessThanOrEqual(maxBatchesOfOthers);
    expect(longest).toBeGreaterThan(2 * minutes);
    // Of the whole process: narrowed down to the row first.
    expect(longest).toBeLessThan(how === 'process' ? 5 * minutes : 3.5 * minutes);
  });
});

it.each(outageKinds)('ten minutes of %s give no row up', async (kind) => {
  const { letters, hits } = await run({}, [{ kind, size: 1, from: 8_000, forMs: 10 * minutes }]);
  expect(letters).toBe(0);
  expect([...hits.keys()].some((name) => name.startsWith(kind))).toBe(true);
});
