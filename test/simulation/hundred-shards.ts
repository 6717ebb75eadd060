/**
 * A hundred shards with something in front of them that goes wrong: which scenario that is, and how many batches each
 * record waits, from its put until the batch that has it is committed.
 */
import { expect } from 'vitest';
import { deadLetterPartitions } from '../../functions/adapters/dynamodb/keys.ts';
import type { DeadLetterReason } from '../../functions/core/dead-letter.ts';
import { isAfter } from '../../functions/core/position.ts';
import { type Place, placeOf } from './checks/places.ts';
import { pipelineName, Stored } from './checks/stored.ts';
import type { Fault } from './faults/fault.ts';
import { plainScenario } from './world/plain-scenario.ts';
import type { RunResult } from './world/run-result.ts';
import { type Scenario, sourceName } from './world/scenario.ts';
import { World } from './world/world.ts';

/** What whoever is not to blame may wait for, in batches. */
export const maxBatchesOfOthers = 3;
/** What whoever is may. */
export const maxBatchesOfPoison = 40;

export type HundredShards = {
  readonly world: World;
  readonly result: RunResult;
  /** When each batch was committed. */
  readonly commits: readonly number[];
  /** The longest wait in batches, of the records of these shards and of those of all others. */
  waits(poisoned: ReadonlySet<string>): { readonly poisoned: number; readonly others: number };
  /** How many dead letters there are for this reason; of all reasons without one. */
  letters(reason?: DeadLetterReason): number;
};

type Options = {
  readonly faults?: readonly Fault[];
  /** Before anything runs. */
  readonly prepare?: (world: World) => void;
};

/** Fails where a check of the simulation does: each event and each row is held against what was put. */
export async function runHundredShards(given: Partial<Scenario>, options: Options = {}): Promise<HundredShards> {
  const { faults = [], prepare } = options;
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
    world.kinesis
      .truth(sourceName)
      .shards.flatMap(({ shardId, records }) => records.map((one) => ({ ...one, shardId })));
  const noteCommit = (now: number): void => {
    commits.push(now);
    const { batchId, ref } = stored.head()!.committed!;
    const positions = new Map(stored.body(batchId, ref)!.shards.map((s) => [s.shardId, placeOf(s)]));
    for (const { shardId, sequenceNumber } of records()) {
      if (committedIn.has(sequenceNumber) || !isBehind(sequenceNumber, positions.get(shardId))) continue;
      committedIn.set(sequenceNumber, commits.length);
    }
  };
  prepare?.(world);
  const result = await world.run();
  expect(result.violations).toEqual([]);
  return {
    ...{ world, result, commits },
    waits(poisoned) {
      const longest = { poisoned: 0, others: 0 };
      for (const { shardId, sequenceNumber, putAt } of records()) {
        const before = commits.filter((at) => at <= putAt).length;
        const waited = (committedIn.get(sequenceNumber) ?? Number.POSITIVE_INFINITY) - before;
        const whose = poisoned.has(shardId) ? 'poisoned' : 'others';
        longest[whose] = Math.max(longest[whose], waited);
      }
      return longest;
    },
    letters: (only) =>
      deadLetterPartitions(pipelineName)
        .flatMap((pk) => stored.items(pk))
        .filter(({ reason }) => only === undefined || reason?.S === only).length,
  };
}

function scenarioOf(given: Partial<Scenario>): Scenario {
  return {
    ...plainScenario,
    ...{ kind: 'windowed', shards: 100, triggerMs: 5_000, events: 900, everyMs: 20, durationMs: 20_000, perRecord: 1 },
    ...{ machine: 'EXPRESS', request: {}, sinkShards: 1, parallelism: 1, shardsPerTask: 'auto', maxFetch: 10_000 },
    ...{ describeMs: 10_000, delayMs: 2_000, windowMs: 10_000, idleTimeoutMs: 15_000, minBatchesToRetain: 100 },
    ...{ startingPosition: 'TRIM_HORIZON', oddShare: 0, hasPoison: false, maxClockSkewMs: 0, reshards: [] },
    ...{ consumerType: 'GetRecords', silence: undefined, availableNow: false, failOnDataLoss: false, isKpl: false },
    ...{ keys: 600, coldShare: 0 },
    ...given,
  };
}

/** A record of which a part is done is not. */
function isBehind(sequenceNumber: string, position: Place | undefined): boolean {
  if (position?.kind === 'shard-end') return true;
  if (position?.kind !== 'after-sequence-number') return false;
  return position.subSequenceNumber === undefined
    ? !isAfter(sequenceNumber, position.sequenceNumber)
    : isAfter(position.sequenceNumber, sequenceNumber);
}
