/**
 * One record that is more than a batch, a sink or a table takes at once, in front of 100 shards: how many batches the
 * others wait, and how many its own shard does. That each of its events comes once, or is one letter, and is counted, is
 * what the checks of the simulation hold.
 */
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../functions/core/pack-events.ts';
import { maxBatchesOfOthers, maxBatchesOfPoison, runHundredShards } from './hundred-shards.ts';
import { md5 } from './world/digest.ts';
import type { PutEvent } from './world/ledger.ts';
import { type Scenario, sinkName, sourceName } from './world/scenario.ts';
import type { World } from './world/world.ts';

const encoder = new TextEncoder();
const mebibyte = 1_048_576;
const largest = 10 * mebibyte;
const putAfterMs = 3_000;
/** The producer's are far below. */
const firstId = 1_000_000;

type Fat = {
  readonly events: (key: string, at: number, firstId: number) => readonly PutEvent[];
  readonly data: (key: string, events: readonly PutEvent[]) => Uint8Array;
};

const eventOf = (key: string, at: number, id: number): PutEvent => {
  const event = { id, key, at, value: id % 100 };
  return { ...event, fate: 'counted', isPunctual: true, payload: encoder.encode(JSON.stringify(event)) };
};
const packed: Fat['data'] = (partitionKey, events) =>
  aggregate(
    events.map(({ payload }) => ({ partitionKey, data: payload })),
    md5,
  );

/** 14,000 events, which take most of a MiB. */
const manyEvents: Fat = {
  events: (key, at, firstId) => Array.from({ length: 14_000 }, (_, place) => eventOf(key, at, firstId + place)),
  data: packed,
};
/** 60,000 events of one byte, which is no JSON. */
const manyLetters: Fat = {
  events: (key, at, firstId) =>
    Array.from({ length: 60_000 }, (_, place) => ({
      ...eventOf(key, at, firstId + place),
      fate: 'dead-letter',
      reason: 'invalid-json',
      payload: Uint8Array.of(0x78),
    })),
  data: packed,
};
/** One event that fills all that a stream may be set to take in a record, and makes nearly as much for the sink. */
const manyBytes: Fat = {
  events: (key, at, firstId) => {
    const { id, value } = eventOf(key, at, firstId);
    const event = { id, key, at, value, pad: largest - 2_048, text: '' };
    const text = 'y'.repeat(largest - key.length - JSON.stringify(event).length);
    return [{ ...eventOf(key, at, firstId), payload: encoder.encode(JSON.stringify({ ...event, text })) }];
  },
  data: (_, [event]) => event!.payload,
};

type Case = {
  readonly fat: Fat;
  readonly given?: Partial<Scenario>;
  /** So many in as many shards, at once. */
  readonly records?: number;
  /** Writes a second that the table takes in batches; as many as come if not said. */
  readonly writesASecond?: number;
};

async function run({ fat, given = {}, records = 1, writesASecond }: Case) {
  const poisoned = new Set<string>();
  let events = 0;
  const put = (world: World, key: string): void => {
    const made = fat.events(key, world.scheduler.now, firstId + events);
    const Data = fat.data(key, made);
    const answer = world.kinesis.execute('PutRecord', { StreamName: sourceName, PartitionKey: key, Data });
    const { ShardId: shardId, SequenceNumber: sequenceNumber } = answer as Readonly<Record<string, string>>;
    world.ledger.put({ shardId: shardId!, sequenceNumber: sequenceNumber!, events: made, strays: new Set() });
    poisoned.add(shardId!);
    events += made.length;
  };
  let letterWrites = 0;
  const prepare = (world: World): void => {
    world.dynamodb.observe(({ pk }) => {
      if (pk.includes('/dead-letters/')) letterWrites += 1;
    });
    if (writesASecond !== undefined) limitWrites(world, writesASecond);
    for (let record = 0; record < records; record++)
      world.scheduler.at(world.scheduler.now + putAfterMs, () => put(world, `fat ${record}`));
  };
  const large = { share: 0, sinkKiB: largest / 1_024, areInputs: true };
  // Where all records are plain, their bytes are checked as those of events.
  const perRecord = fat.data === packed ? 2 : 1;
  const { world, result, waits, letters } = await runHundredShards(
    { kind: 'map-only', perRecord, large, ...given },
    { prepare },
  );
  expect(poisoned.size).toBe(records);
  const sent = world.kinesis.truth(sinkName).shards.flatMap((shard) => shard.records).length;
  const repeats = { ofOutputs: sent - result.outputs, ofLetters: letterWrites - letters() };
  return { batches: waits(poisoned), letters: letters(), repeats, reshards: result.reshards };
}

function limitWrites({ dynamodb, scheduler }: World, writesASecond: number): void {
  let second = 0;
  let left = 0;
  dynamodb.quirks.leavesUnprocessed = () => {
    const now = Math.floor(scheduler.now / 1_000);
    if (now !== second) left = writesASecond;
    second = now;
    left -= 1;
    return left < 0;
  };
}

describe('in front of 100 shards, a record', () => {
  it.each<[string, Case]>([
    ['of 14,000 events, for a sink of one shard', { fat: manyEvents }],
    ['of as many, for one that takes 100 records a second', { fat: manyEvents, given: { sinkRecordsASecond: 100 } }],
    ['of as many, by fan-out', { fat: manyEvents, given: { consumerType: 'SubscribeToShard' } }],
    ['of as many, with windows', { fat: manyEvents, given: { kind: 'windowed' } }],
    ['of as many, in five shards at once', { fat: manyEvents, records: 5 }],
    ['of 60,000 dead letters, for a table that takes 500 a second', { fat: manyLetters, writesASecond: 500 }],
    ['of as many, by fan-out', { fat: manyLetters, given: { consumerType: 'SubscribeToShard' } }],
    ['of as many, with windows', { fat: manyLetters, given: { kind: 'windowed' } }],
    ['of 10 MiB', { fat: manyBytes }],
    ['of 10 MiB by fan-out', { fat: manyBytes, given: { consumerType: 'SubscribeToShard' } }],
    ['of 10 MiB with windows', { fat: manyBytes, given: { kind: 'windowed' } }],
    ['of 10 MiB, in five shards at once', { fat: manyBytes, records: 5, given: { sinkShards: 16 } }],
  ])('%s holds the others for three batches at most, its shard for forty', async (_, poison) => {
    const { batches, repeats, letters } = await run(poison);
    expect(batches.others).toBeLessThanOrEqual(maxBatchesOfOthers);
    expect(batches.poisoned).toBeLessThanOrEqual(maxBatchesOfPoison);
    expect(repeats).toEqual({ ofOutputs: 0, ofLetters: 0 });
    expect(letters).toBe(poison.fat === manyLetters ? 60_000 : 0);
  });

  it.each<[string, Fat]>([
    ['14,000 events', manyEvents],
    ['60,000 dead letters', manyLetters],
    ['10 MiB', manyBytes],
  ])('of %s, as the last one of a shard that was closed behind it, holds its children no longer', async (_, fat) => {
    const lone = { shards: 1, keys: 5, everyMs: 2_000, events: 60, durationMs: 120_000 };
    const reshards: Scenario['reshards'] = [{ at: putAfterMs + 500, kind: 'split' }];
    const poison = { fat, writesASecond: 1_000, given: { ...lone, sinkRecordsASecond: 300, reshards } };
    const { batches, repeats, letters, reshards: made } = await run(poison);
    expect(made).toBe(1);
    expect(batches.poisoned).toBeLessThanOrEqual(maxBatchesOfPoison);
    expect(batches.others).toBeLessThanOrEqual(batches.poisoned + maxBatchesOfOthers);
    expect(repeats).toEqual({ ofOutputs: 0, ofLetters: 0 });
    expect(letters).toBe(fat === manyLetters ? 60_000 : 0);
  });
});
