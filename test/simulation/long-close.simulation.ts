/**
 * Windows that close at once and hold more than the sink takes for minutes: the batch's reduce goes on over rounds and
 * executions, while the schedule starts another execution each minute, and nothing is sent twice.
 */
import { describe, expect, it } from 'vitest';
import { plainScenario } from './world/plain-scenario.ts';
import { type Scenario, sinkName } from './world/scenario.ts';
import { World } from './world/world.ts';

const rows = 700;

function longClose(machine: Scenario['machine'], parallelism: number): Scenario {
  return {
    ...plainScenario,
    ...{ kind: 'wide', machine, shards: 2, triggerMs: 5_000, events: 1_400, keys: rows, durationMs: 60_000 },
    ...{ request: {}, sinkShards: 1, sinkRecordsASecond: 1, parallelism, shardsPerTask: 'auto', maxFetch: 2_000 },
    ...{ describeMs: 10_000, delayMs: 2_000, windowMs: 120_000, idleTimeoutMs: 15_000, minBatchesToRetain: 3 },
    ...{
      startingPosition: 'TRIM_HORIZON',
      oddShare: 0,
      hasPoison: false,
      maxClockSkewMs: 100,
      reshards: [],
      perRecord: 1,
    },
  };
}

type Close = { readonly rounds: number; readonly executions: number; readonly renewals: number };

/** Of the batch with the most rounds. */
async function closeOf(seed: number, scenario: Scenario) {
  const rounds: string[] = [];
  let longest: Close = { rounds: 0, executions: 0, renewals: 0 };
  let renewals = 0;
  const onTrace = (line: string): void => {
    const [, who = '', call, result] = line.split(' ');
    if (call === 'ReduceKeyGroups') rounds.push(who);
    // Refused where the plan that resumed the batch has a longer lease already.
    if (call === 'renew') renewals += 1;
    if (call !== 'commit' || result !== 'ok') return;
    const close = { rounds: rounds.length, executions: new Set(rounds).size, renewals };
    if (close.rounds > longest.rounds) longest = close;
    rounds.length = 0;
    renewals = 0;
  };
  const world = new World({ seed, scenario, faults: [], onTrace });
  const run = await world.run();
  const sent = world.kinesis.truth(sinkName).shards.flatMap(({ records }) => records).length;
  return { longest, run, sent };
}

describe.each<[Scenario['machine'], number, number]>([
  ['EXPRESS', 1, 21],
  ['EXPRESS', 4, 22],
  ['STANDARD', 1, 23],
])('a close of 700 rows into a sink of one record a second (%s, %i key groups)', (machine, parallelism) => {
  it.each([21, 22])(
    'takes dozens of rounds over several executions, and no row comes twice (seed %i)',
    async (seed) => {
      const { longest, run, sent } = await closeOf(seed, longClose(machine, parallelism));
      // The checks hold each row against what was put, and the report's count against both.
      expect(run.violations).toEqual([]);
      expect(longest.rounds).toBeGreaterThanOrEqual(30);
      expect(longest.executions).toBeGreaterThanOrEqual(3);
      expect(longest.renewals).toBeGreaterThanOrEqual(longest.rounds - longest.executions - 1);
      expect(sent).toBe(run.outputs);
    },
  );
});
