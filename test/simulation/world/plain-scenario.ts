/** Where tests that write their own scenario begin: windows of event time in append mode, small, polled, and nothing else that is drawn. */
import type { Scenario } from './scenario.ts';

export const plainScenario: Scenario = {
  ...{ kind: 'windowed', machine: 'EXPRESS', consumerType: 'GetRecords', startingPosition: 'LATEST', request: {} },
  ...{ shards: 2, sinkShards: 2, parallelism: 1, shardsPerTask: 3, maxFetch: 37, reshards: [], describeMs: 0 },
  ...{ events: 213, keys: 7, durationMs: 54_058, idleEventMs: 5_000, perRecord: 1, isKpl: false },
  ...{ triggerMs: 5_000, windowMs: 200, delayMs: 80_000, idleTimeoutMs: 5_000, maxClockSkewMs: 100 },
  ...{ minBatchesToRetain: 2, retentionMs: 86_400_000, failOnDataLoss: false, availableNow: false },
  ...{ oddShare: 0.08, hasPoison: false, silence: undefined },
};
