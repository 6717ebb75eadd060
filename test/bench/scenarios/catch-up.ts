import type { Scenario } from '../../../bench/side-by-side/scenario.ts';

/** Of answers as large as they come: a gigabyte is 4 of each shard. */
export const catchUp: Scenario = {
  name: 'catch-up',
  what: '25 shards side by side, a gigabyte behind: answers of 10,000 records of 1 KB each, counted; a unit is an event',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-count.ts' },
    {
      name: 'sdk-loop-keep-alive',
      module: 'bench/peers/sdk-loop.ts',
      settings: { keepAlive: true },
    },
  ],
  answers: { records: 10_000, bytes: 1_000, keys: 50 },
  callsATurn: 4,
  settings: { shards: 25 },
};
