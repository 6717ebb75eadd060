/**
 * Windows that close at once and whose row callbacks take minutes together, each of them a tenth of a second: what was
 * evaluated is kept from round to round, whoever dies and whatever code goes on, and no row is in the sink twice.
 */
import { expect, it } from 'vitest';
import { parseScript } from './faults/fault.ts';
import { plainScenario } from './world/plain-scenario.ts';
import type { Scenario } from './world/scenario.ts';
import { World } from './world/world.ts';

const rows = 700;
const rowMs = 100;
/** 60 s and more, of which a round has 12. */
const leastParts = 4;

const scenario: Scenario = {
  ...plainScenario,
  ...{ kind: 'wide', machine: 'EXPRESS', shards: 2, triggerMs: 5_000, events: 4_800, keys: rows, durationMs: 150_000 },
  ...{ request: {}, sinkShards: 1, parallelism: 1, shardsPerTask: 'auto', maxFetch: 2_000, rowMs, perRecord: 1 },
  ...{ describeMs: 10_000, delayMs: 2_000, windowMs: 60_000, idleTimeoutMs: 15_000, minBatchesToRetain: 3 },
  ...{ startingPosition: 'TRIM_HORIZON', oddShare: 0, hasPoison: false, maxClockSkewMs: 100, reshards: [] },
};

async function closeOf(faults: string) {
  const seen = { parts: 0, cut: 0 };
  let longest = 0;
  const onTrace = (line: string): void => {
    const [, , call, result] = line.split(' ');
    if (call === 'put-rows' && result === 'ok') seen.parts += 1;
    if (call !== 'commit' || result !== 'ok') return;
    longest = Math.max(longest, seen.parts);
    seen.parts = 0;
  };
  const world = new World({ seed: 31, scenario, faults: parseScript(faults), onTrace });
  const run = await world.run();
  // The checks hold each row against what was put, and one identity against one content.
  expect(run.violations).toEqual([]);
  return { longest, hits: [...run.hits.keys()], timeouts: world.lambda.timeouts };
}

it('goes on over as many rounds as it takes, and no function is cut', async () => {
  const { longest, timeouts } = await closeOf('');
  expect(longest).toBeGreaterThanOrEqual(leastParts);
  expect(timeouts).toBe(0);
});

it.each([
  'lost@reduce-key-group/put-rows:after#2',
  'doubled@reduce-key-group/put-rows:before#2',
  'halt@reduce-key-group/put-rows:before#3',
  'halt@reduce-key-group/put-rows:after#3',
  'deploy@reduce-key-group/put-rows:after#2',
  'twin@reduce-key-group/put-rows:after#2',
  'zombie:90000@reduce-key-group/put-rows:before#2',
  'restart@commit-batch/renew:after#3',
])('is the same close with %s', async (fault) => {
  const { hits, longest } = await closeOf(fault);
  expect(hits).toHaveLength(1);
  expect(longest).toBeGreaterThanOrEqual(leastParts);
});
