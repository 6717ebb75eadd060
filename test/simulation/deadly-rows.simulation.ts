/**
 * A row that kills whoever runs user code on it, behind a hundred shards: how many batches and how long everything waits,
 * and that outages of services give no row up.
 */
import { describe, expect, it } from 'vitest';
import { deadLetterPartitions } from '../../functions/adapters/dynamodb/keys.ts';
import { pipelineName, Stored } from './checks/stored.ts';
import { type Fault, outageKinds } from './faults/fault.ts';
import { drawRun } from './run-seed.ts';
import { deadlyKinds } from './world/deadly-code.ts';
import type { Scenario } from './world/scenario.ts';
import { World } from './world/world.ts';

const seconds = 1_000;
const minutes = 60 * seconds;

function scenarioOf(given: Partial<Scenario>): Scenario {
  return {
    ...drawRun(1).scenario,
    ...{ kind: 'windowed', shards: 100, triggerMs: 5_000, events: 900, everyMs: 20, durationMs: 20_000, perRecord: 1 },
    ...{ machine: 'EXPRESS', request: {}, sinkShards: 1, parallelism: 4, shardsPerTask: 'auto', maxFetch: 10_000 },
    ...{ describeMs: 10_000, delayMs: 2_000, windowMs: 10_000, idleTimeoutMs: 15_000, minBatchesToRetain: 100 },
    ...{ startingPosition: 'TRIM_HORIZON', oddShare: 0, hasPoison: false, maxClockSkewMs: 0, reshards: [] },
    ...{ consumerType: 'GetRecords', silence: undefined, availableNow: false, failOnDataLoss: false, isKpl: false },
    ...{ keys: 600, coldShare: 0 },
    ...given,
  };
}

async function run(given: Partial<Scenario>, faults: readonly Fault[] = []) {
  const commits: number[] = [];
  const onTrace = (line: string): void => {
    const [time, , call, outcome] = line.split(' ');
    if (call === 'commit' && outcome === 'ok') commits.push(Number(time));
  };
  const world = new World({ seed: 7, scenario: scenarioOf(given), faults, onTrace });
  const result = await world.run();
  // The checks hold every other row against what was put, and the dead letter of this one.
  expect(result.violations).toEqual([]);
  const stored = new Stored(world.dynamodb);
  const letters = deadLetterPartitions(pipelineName)
    .flatMap((pk) => stored.items(pk))
    .filter(({ reason }) => reason?.S === 'crashed-reducer');
  const gaps = commits.slice(1).map((at, before) => at - commits[before]!);
  return { letters: letters.length, longest: Math.max(...gaps), hits: result.hits };
}

describe.each(deadlyKinds)('a row that kills its reducer (%s)', (how) => {
  it('is a dead letter of its own batch, which waits two minutes between three deaths and little more', async () => {
    const { letters, longest } = await run({ deadlyRow: { how, at: [1_000] } });
    expect(letters).toBe(1);
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
