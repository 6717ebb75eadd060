/**
 * One event each two seconds, no faults and warm functions: how long after its arrival each event is in a committed batch.
 * A cold start comes on top, where there is one.
 */
import { describe, expect, it } from 'vitest';
import { progressKey } from '../../functions/adapters/dynamodb/keys.ts';
import { decode } from '../../functions/adapters/dynamodb/packed-json.ts';
import { isAfter } from '../../functions/core/position.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import { placeOf } from './checks/places.ts';
import { pipelineName, Stored } from './checks/stored.ts';
import { plainScenario } from './world/plain-scenario.ts';
import { type Scenario, sourceName } from './world/scenario.ts';
import { World } from './world/world.ts';

const triggerMs = 10_000;
const everyMs = 2_000;
const events = 300;

function trickle(kind: Scenario['kind'], shards: number): Scenario {
  return {
    ...plainScenario,
    ...{ kind, shards, triggerMs, everyMs, events, durationMs: events * everyMs, perRecord: 1, keys: 8 },
    ...{ machine: 'EXPRESS', request: {}, sinkShards: 1, parallelism: 2, shardsPerTask: 'auto', maxFetch: 10_000 },
    ...{ describeMs: 1_000, delayMs: 2_000, windowMs: 10_000, idleTimeoutMs: 15_000, minBatchesToRetain: 100 },
    ...{ startingPosition: 'TRIM_HORIZON', oddShare: 0, hasPoison: false, maxClockSkewMs: 0, reshards: [] },
    // Executors are known by the tasks that they load.
    ...{ coldShare: 0, passesPlans: false },
  };
}

type Committed = {
  /** Executors, and the calls for records that all of them made. */
  readonly executors: number;
  readonly calls: number;
  readonly delays: readonly number[];
  readonly reports: readonly BatchProgress[];
  readonly left: number;
};

async function delaysOf(seed: number, scenario: Scenario): Promise<Committed> {
  const delays = new Map<string, number>();
  const reports: BatchProgress[] = [];
  let executors = 0;
  let calls = 0;
  const onTrace = (line: string): void => {
    const [time, , call, result] = line.split(' ');
    if (call === 'commit' && result === 'ok') noteCommit(Number(time));
    if (call === 'load-task') executors += 1;
    if (call === 'read') calls += 1;
  };
  const world = new World({ seed, scenario, faults: [], onTrace });
  const stored = new Stored(world.dynamodb);
  const noteCommit = (now: number): void => {
    const { batchId, ref } = stored.head()!.committed!;
    const positions = new Map(stored.body(batchId, ref)!.shards.map((s) => [s.shardId, placeOf(s)]));
    for (const { shardId, records } of world.kinesis.truth(sourceName).shards) {
      const position = positions.get(shardId);
      if (position?.kind !== 'after-sequence-number') continue;
      for (const { sequenceNumber, arrivalTime } of records) {
        const isCommitted = !isAfter(sequenceNumber, position.sequenceNumber);
        if (isCommitted && !delays.has(sequenceNumber)) delays.set(sequenceNumber, now - arrivalTime);
      }
    }
    const report = stored.item(progressKey(pipelineName, batchId, ref))!;
    reports.push(decode(report.data!.B!) as (typeof reports)[number]);
  };
  const { violations } = await world.run();
  expect(violations).toEqual([]);
  const put = world.kinesis.truth(sourceName).shards.flatMap(({ records }) => records).length;
  return { delays: [...delays.values()], reports, left: put - delays.size, executors, calls };
}

const most = (values: readonly number[]): number => Math.max(...values);
const workOf = (reports: readonly BatchProgress[]) =>
  reports.flatMap(({ perTask = [] }) => perTask.map((t) => t.workMs));

describe.each([
  ['windowed', 1],
  ['windowed', 4],
  ['map-only', 4],
  ['per-batch', 2],
] as const)('a trickle into a %s pipeline, over %i shards,', (kind, shards) => {
  it.each([11, 12, 13])('is committed within the trigger interval and a second (seed %i)', async (seed) => {
    const { delays, reports, left, executors, calls } = await delaysOf(seed, trickle(kind, shards));
    expect(delays.length).toBeGreaterThanOrEqual(events);
    expect(left).toBe(0);
    expect(most(delays)).toBeLessThanOrEqual(triggerMs + 1_000);
    // It reads what is there, and waits for nothing inside the executor.
    expect(workOf(reports).length).toBeGreaterThan(50);
    expect(most(workOf(reports))).toBeLessThan(500);
    // One call to each shard in each batch, and none between batches (B15)..
    expect(calls).toBeLessThanOrEqual(executors * shards);
    expect(calls).toBeGreaterThan((executors - 2) * shards);
  });
});
