/**
 * Records that kill whoever runs user code on them, in front of many shards: how many batches the others wait, and how many
 * the shard itself does.
 */
import { describe, expect, it } from 'vitest';
import { deadLetterPartitions } from '../../functions/adapters/dynamodb/keys.ts';
import { isAfter } from '../../functions/core/position.ts';
import { pipelineName, Stored } from './checks/stored.ts';
import { type Fault, outageKinds } from './faults/fault.ts';
import { drawRun } from './run-seed.ts';
import { type Deadly, deadlyKinds } from './world/deadly-code.ts';
import { type Scenario, sourceName } from './world/scenario.ts';
import { World } from './world/world.ts';

type OutageKind = (typeof outageKinds)[number];

const maxBatchesOfOthers = 3;
const maxBatchesOfDeadly = 40;

function scenarioOf(given: Partial<Scenario>): Scenario {
  return {
    ...drawRun(1).scenario,
    ...{ kind: 'windowed', shards: 100, triggerMs: 5_000, events: 900, everyMs: 20, durationMs: 20_000, perRecord: 1 },
    ...{ machine: 'EXPRESS', request: {}, sinkShards: 1, parallelism: 1, shardsPerTask: 'auto', maxFetch: 10_000 },
    ...{ describeMs: 10_000, delayMs: 2_000, windowMs: 10_000, idleTimeoutMs: 15_000, minBatchesToRetain: 100 },
    ...{ startingPosition: 'TRIM_HORIZON', oddShare: 0, hasPoison: false, maxClockSkewMs: 0, reshards: [] },
    ...{ consumerType: 'GetRecords', silence: undefined, availableNow: false, failOnDataLoss: false, isKpl: false },
    ...{ keys: 600, coldShare: 0 },
    ...given,
  };
}

async function run(given: Partial<Scenario>, faults: readonly Fault[] = []) {
  const commits: number[] = [];
  /** Of each record: how many batches were committed when it was. */
  const committedIn = new Map<string, number>();
  const onTrace = (line: string): void => {
    const [time, , call, outcome] = line.split(' ');
    if (call === 'commit' && outcome === 'ok') noteCommit(Number(time));
  };
  const world = new World({ seed: 7, scenario: scenarioOf(given), faults, onTrace });
  const stored = new Stored(world.dynamodb);
  const records = () =>
    world.kinesis.truth(sourceName).shards.flatMap((shard) => shard.records.map((one) => ({ ...one, ...shard })));
  const noteCommit = (now: number): void => {
    commits.push(now);
    const { committedBatch, committedRef } = stored.head()!;
    const positions = new Map(stored.body(committedBatch, committedRef)!.shards.map((s) => [s.shardId, s.position]));
    for (const { shardId, sequenceNumber } of records()) {
      const position = positions.get(shardId);
      const isIn =
        position?.kind === 'shard-end' ||
        (position?.kind === 'after-sequence-number' &&
          (position.subSequenceNumber === undefined
            ? !isAfter(sequenceNumber, position.sequenceNumber)
            : isAfter(position.sequenceNumber, sequenceNumber)));
      if (isIn && !committedIn.has(sequenceNumber)) committedIn.set(sequenceNumber, commits.length);
    }
  };
  const result = await world.run();
  expect(result.violations).toEqual([]);
  const deadlyShards = new Set<string>();
  for (const { shardId, sequenceNumber } of records()) {
    if (world.ledger.record(sequenceNumber).events.some(({ isDeadly }) => isDeadly)) deadlyShards.add(shardId);
  }
  const batches = { others: 0, deadly: 0 };
  for (const { shardId, sequenceNumber, putAt } of records()) {
    const before = commits.filter((at) => at <= putAt).length;
    const waited = (committedIn.get(sequenceNumber) ?? Number.POSITIVE_INFINITY) - before;
    const whose = deadlyShards.has(shardId) ? 'deadly' : 'others';
    batches[whose] = Math.max(batches[whose], waited);
  }
  const letters = deadLetterPartitions(pipelineName)
    .flatMap((pk) => stored.items(pk))
    .filter(({ reason }) => reason?.S === 'crashed-executor');
  const hits = [...result.hits].reduce((sum, [name, count]) => (name.endsWith('outage') ? sum + count : sum), 0);
  return { batches, letters: letters.length, reshards: result.reshards, hits };
}

const once: Deadly = { how: 'loop', at: 0, events: 1 };

describe('a record that kills its executor, in front of 100 shards', () => {
  it.each(deadlyKinds)('by %s: the others wait for three batches at most, its shard for forty', async (how) => {
    const { batches, letters } = await run({ deadly: { ...once, how } });
    expect(batches.others).toBeLessThanOrEqual(maxBatchesOfOthers);
    expect(batches.deadly).toBeLessThanOrEqual(maxBatchesOfDeadly);
    expect(letters).toBe(1);
  });

  it.each<[string, Partial<Scenario>, number]>([
    ['five at once, in five shards', { deadly: { ...once, records: 5 } }, 5],
    ['three events of an aggregated record', { perRecord: 5, deadly: { ...once, events: 3, how: 'process' } }, 3],
    ['under fan-out', { consumerType: 'SubscribeToShard', deadly: once }, 1],
    ['without aggregation', { kind: 'map-only', deadly: once }, 1],
    ['in windows per micro-batch', { kind: 'per-batch', deadly: once }, 1],
    ['with a fixed number of shards in a task', { shardsPerTask: 25, deadly: once }, 1],
  ])('%s', async (_, given, count) => {
    const { batches, letters } = await run(given);
    expect(batches.others).toBeLessThanOrEqual(maxBatchesOfOthers);
    expect(batches.deadly).toBeLessThanOrEqual(maxBatchesOfDeadly);
    expect(letters).toBe(count);
  });
});

describe('a record that kills its executor', () => {
  it('as the last one of a shard that was closed behind it holds its children until it is a letter, and no longer', async () => {
    const lone = { shards: 1, keys: 5, everyMs: 2_000, events: 60, durationMs: 120_000 };
    const { letters, reshards } = await run({
      ...lone,
      deadly: { how: 'exit', at: 10_000, events: 1 },
      reshards: [{ at: 10_500, kind: 'split' }],
    });
    expect({ letters, reshards }).toEqual({ letters: 1, reshards: 1 });
  });
});

describe('ten minutes in which a service is gone', () => {
  const outages = outageKinds.flatMap((kind) => [0, 1].map((size): [OutageKind, number] => [kind, size]));
  it.each(outages)('leave no letter, and everything is read afterwards: %s, in the manner %d', async (kind, size) => {
    const outage: Fault = { kind, size, from: 12_000, forMs: 600_000 };
    const { letters, hits } = await run({ shards: 20, keys: 60, durationMs: 40_000 }, [outage]);
    expect(letters).toBe(0);
    expect(hits).toBeGreaterThan(20);
  });

  it.each(outages)('do not count among the deaths of a deadly record: %s, in the manner %d', async (kind, size) => {
    const outage: Fault = { kind, size, from: 60_000, forMs: 600_000 };
    const { letters } = await run({ shards: 20, keys: 60, durationMs: 40_000, deadly: once }, [outage]);
    expect(letters).toBe(1);
  });
});
