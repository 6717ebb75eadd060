/**
 * Records that kill whoever runs user code on them, in front of many shards: how many batches the others wait, and how many
 * the shard itself does.
 */
import { describe, expect, it } from 'vitest';
import { type Fault, outageKinds } from './faults/fault.ts';
import { maxBatchesOfOthers, maxBatchesOfPoison, runHundredShards } from './hundred-shards.ts';
import { type Deadly, deadlyKinds } from './world/deadly-code.ts';
import { type Scenario, sourceName } from './world/scenario.ts';

type OutageKind = (typeof outageKinds)[number];

async function run(given: Partial<Scenario>, faults: readonly Fault[] = []) {
  const { world, result, waits, letters } = await runHundredShards(given, { faults });
  const deadlyShards = world.kinesis
    .truth(sourceName)
    .shards.filter(({ records }) =>
      records.some(({ sequenceNumber }) => world.ledger.record(sequenceNumber).events.some(({ isDeadly }) => isDeadly)),
    )
    .map(({ shardId }) => shardId);
  const hits = [...result.hits].reduce((sum, [name, count]) => (name.endsWith('outage') ? sum + count : sum), 0);
  return {
    batches: waits(new Set(deadlyShards)),
    letters: letters('crashed-executor'),
    reshards: result.reshards,
    hits,
  };
}

const once: Deadly = { how: 'loop', at: 0, events: 1 };

describe('a record that kills its executor, in front of 100 shards', () => {
  it.each(deadlyKinds)('by %s: the others wait for three batches at most, its shard for forty', async (how) => {
    const { batches, letters } = await run({ deadly: { ...once, how } });
    expect(batches.others).toBeLessThanOrEqual(maxBatchesOfOthers);
    expect(batches.poisoned).toBeLessThanOrEqual(maxBatchesOfPoison);
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
    expect(batches.poisoned).toBeLessThanOrEqual(maxBatchesOfPoison);
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
