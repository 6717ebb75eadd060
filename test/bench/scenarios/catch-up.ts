/** A gigabyte behind, of answers and events as large as they come. A function of 512 MB is not to be larger than that. */

import type { Scenario, VariantPlace } from '../../../bench/side-by-side/scenario.ts';
import { heapOptions } from '../../../infra/node-options.ts';

const what = 'by 25 shards side by side, 10,000 records of 1 KB each at once, counted; a unit is an event';
const answers = { records: 10_000, bytes: 1_000, keys: 50 };
const settings = { shards: 25, memoryMb: 512 };
const sluice: VariantPlace = {
  name: 'sluice',
  module: 'test/bench/scenarios/sluice-count.ts',
  nodeFlags: heapOptions,
};

export const catchUps: readonly Scenario[] = [
  {
    name: 'catch-up',
    what: `a gigabyte by GetRecords, ${what}`,
    variants: [
      sluice,
      { name: 'sdk-loop-keep-alive', module: 'bench/peers/sdk-loop.ts', settings: { keepAlive: true } },
    ],
    ...{ answers, settings, callsATurn: 4 },
  },
  {
    name: 'catch-up-fan-out',
    what: `a gigabyte by SubscribeToShard, ${what}`,
    variants: [
      { ...sluice, settings: { subscribes: true } },
      { name: 'sdk-subscribed-loop', module: 'bench/peers/sdk-subscribed-loop.ts' },
    ],
    ...{ answers, settings, callsATurn: 1 },
  },
];
