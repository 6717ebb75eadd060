import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { heapOptions } from '../../../infra/node-options.ts';

export const e2eMap: Scenario = {
  name: 'e2e-map',
  what: 'events of 200 bytes, 10,000 an answer over TLS, each parsed, mapped and put into a stream; a unit is an event',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-map.ts', nodeFlags: heapOptions },
    { name: 'sdk-loop', module: 'bench/peers/sdk-map.ts' },
    { name: 'sdk-loop-keep-alive', module: 'bench/peers/sdk-map.ts', settings: { keepAlive: true } },
    { name: 'event-source-mapping', module: 'bench/peers/event-source-mapping-map.ts' },
    {
      name: 'event-source-mapping-keep-alive',
      module: 'bench/peers/event-source-mapping-map.ts',
      settings: { keepAlive: true },
    },
  ],
  answers: { records: 10_000, bytes: 200, keys: 50 },
  callsATurn: 10,
};
