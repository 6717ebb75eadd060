import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { heapOptions } from '../../../infra/node-options.ts';

/** A second of each of 25 shards that take in all they may. */
export const shardsPerExecutor: Scenario = {
  name: 'shards-per-executor',
  what: '25 shards side by side, an answer of 1,000 records of 1 KB each, counted; a unit is an event',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-count.ts', nodeFlags: heapOptions },
    { name: 'sdk-loop', module: 'bench/peers/sdk-loop.ts' },
    { name: 'sdk-loop-keep-alive', module: 'bench/peers/sdk-loop.ts', settings: { keepAlive: true } },
  ],
  answers: { records: 1_000, bytes: 1_000, keys: 50 },
  callsATurn: 4,
  settings: { shards: 25 },
};
