/**
 * Scenarios that are about the source alone: a pipeline that hands every event on, from each starting position, while its
 * stream is split, merged and scaled again and again. Nothing goes wrong but stops and restarts.
 */
import type { Random } from '../random.ts';
import { type ConsumerShares, drawConsumer, type Scenario } from './scenario.ts';

const dayMs = 86_400_000;

export function drawSourceScenario(random: Random, shares: ConsumerShares): Scenario {
  const triggerMs = random.pick([0, 1_000, 2_000, 5_000, 8_000]);
  const durationMs = random.int(20_000, 40_000) + triggerMs * random.int(6, 10);
  return {
    kind: 'map-only',
    ...drawConsumer(random.fork('consumer'), shares),
    machine: random.chance(0.8) ? 'EXPRESS' : 'STANDARD',
    request: random.chance(0.2) ? { untilCaughtUp: true } : {},
    shards: random.int(1, 4),
    sinkShards: random.int(1, 3),
    parallelism: 1,
    shardsPerTask: random.pick<number | 'auto'>([1, 2, 3, 4, 'auto']),
    maxFetch: random.int(3, 40),
    triggerMs,
    describeMs: random.pick([0, 1_000, 10_000, 60_000]),
    delayMs: 0,
    windowMs: 5_000,
    idleTimeoutMs: 5_000,
    minBatchesToRetain: random.pick([2, 10, 100]),
    retentionMs: dayMs,
    failOnDataLoss: random.chance(0.5),
    startingPosition: random.pick(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
    events: random.int(205, 400),
    keys: random.int(1, 12),
    durationMs,
    perRecord: random.chance(0.5) ? random.int(2, 6) : 1,
    oddShare: 0,
    hasPoison: false,
    maxClockSkewMs: random.pick([0, 100, 400]),
    reshards: drawReshards(random, durationMs),
    silence: undefined,
    isKpl: random.chance(0.4),
    availableNow: false,
  };
}

function drawReshards(random: Random, durationMs: number): Scenario['reshards'] {
  return Array.from({ length: random.int(3, 12) }, () => ({
    // At times one right after the other: children that are over before anybody saw them.
    at: random.chance(0.3) ? 10_000 + random.int(0, 50) : random.int(100, durationMs),
    kind: random.weighted<'split' | 'merge' | 'scale'>([
      [4, 'split'],
      [4, 'merge'],
      [3, 'scale'],
    ]),
  })).sort((one, other) => one.at - other.at);
}
