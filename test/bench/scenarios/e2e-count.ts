import type { Scenario } from '../../../bench/side-by-side/scenario.ts';

const answers = { records: 10_000, bytes: 200, keys: 50 };

export const e2eCount: Scenario = {
  name: 'e2e-count',
  what: 'events of 200 bytes, 10,000 an answer over TLS, counted by 50 keys and windows of a minute; a unit is an event',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-count.ts' },
    { name: 'sdk-loop', module: 'bench/peers/sdk-loop.ts' },
    { name: 'sdk-loop-keep-alive', module: 'bench/peers/sdk-loop-keep-alive.ts' },
    { name: 'sdk-loop-zod', module: 'bench/peers/sdk-loop-zod.ts' },
    { name: 'lifion-kinesis', module: 'bench/peers/lifion-kinesis.ts' },
    { name: 'event-source-mapping', module: 'bench/peers/event-source-mapping.ts' },
    { name: 'floor', module: 'bench/peers/floor.ts' },
  ],
  answers,
  callsATurn: 10,
  settings: { answers },
};
