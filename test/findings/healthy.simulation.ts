/**
 * Where nothing goes wrong, nothing is found: whole runs without a fault, diagnosed after each commit and long after the last, with splits, merges
 * and quiet times among them.
 */
import { expect, it } from 'vitest';
import { progressKey } from '../../functions/adapters/dynamodb/keys.ts';
import { decode } from '../../functions/adapters/dynamodb/packed-json.ts';
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import type { Finding } from '../../functions/findings/finding.ts';
import { findingsOf } from '../../functions/findings/index.ts';
import { pipelineName, Stored } from '../simulation/checks/stored.ts';
import { plainScenario } from '../simulation/world/plain-scenario.ts';
import type { Scenario } from '../simulation/world/scenario.ts';
import { World } from '../simulation/world/world.ts';

const healthy = (given: Partial<Scenario>): Scenario => ({
  ...plainScenario,
  ...{ triggerMs: 10_000, everyMs: 2_000, events: 150, durationMs: 600_000, keys: 40, perRecord: 1 },
  ...{ parallelism: 2, shardsPerTask: 'auto', maxFetch: 10_000, describeMs: 1_000, delayMs: 20_000, windowMs: 10_000 },
  ...{ idleTimeoutMs: 15_000, minBatchesToRetain: 100, startingPosition: 'TRIM_HORIZON', oddShare: 0, coldShare: 0 },
  ...given,
});

type Diagnosed = { readonly found: readonly Finding[]; readonly times: number };

async function diagnosed(seed: number, scenario: Scenario): Promise<Diagnosed> {
  const reports: BatchProgress[] = [];
  const found: Finding[] = [];
  let times = 0;
  const onTrace = (line: string): void => {
    const [time, , call, result] = line.split(' ');
    const head = stored.head();
    if (head?.committed === undefined || result !== 'ok') return;
    const { batchId, ref } = head.committed;
    if (call === 'commit') {
      const report = stored.item(progressKey(pipelineName, batchId, ref))!;
      reports.unshift(decode(report.data!.B!) as BatchProgress);
    }
    // Also in the middle of a batch.
    if (call !== 'commit' && call !== 'seal' && call !== 'release') return;
    const { shards } = stored.body(batchId, ref)!;
    const trouble = stored.reduceTrouble();
    const troubles = trouble === undefined ? [] : [trouble];
    found.push(...findingsOf({ head, reports: reports.slice(0, 12), shards, troubles, now: Number(time) }));
    times += 1;
  };
  const world = new World({ seed, scenario, faults: [], onTrace });
  const stored = new Stored(world.dynamodb);
  const { violations } = await world.run();
  expect(violations).toEqual([]);
  return { found, times };
}

it.each([
  ['windows over four shards', { kind: 'windowed', shards: 4 }],
  ['a single shard', { kind: 'windowed', shards: 1 }],
  ['events that are only mapped', { kind: 'map-only', shards: 4 }],
  ['a window for each batch', { kind: 'per-batch', shards: 3 }],
  [
    'shards that are split and merged',
    {
      kind: 'windowed',
      shards: 3,
      reshards: [
        { at: 60_000, kind: 'split' },
        { at: 200_000, kind: 'merge' },
      ],
    },
  ],
  ['enhanced fan-out', { kind: 'windowed', shards: 2, consumerType: 'SubscribeToShard' }],
  ['quiet times', { kind: 'windowed', shards: 2, events: 20, everyMs: 25_000 }],
] as const)('of %s nothing is found', async (_, given) => {
  for (const seed of [21]) {
    const { found, times } = await diagnosed(seed, healthy(given));
    expect(times).toBeGreaterThan(20);
    expect(found.filter(({ severity }) => severity !== 'info')).toEqual([]);
  }
});
