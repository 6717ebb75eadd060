/** Counting, end to end, with a schema that says which fields are read, and with user functions on parsed objects. */

import type { Scenario, VariantPlace } from '../../../bench/side-by-side/scenario.ts';
import { heapOptions } from '../../../infra/node-options.ts';

const answers = { records: 10_000, bytes: 200, keys: 50 };
const counting = 'events of 200 bytes, 10,000 an answer over TLS, counted by 50 keys and windows of a minute';

const loop = 'bench/peers/sdk-loop.ts';
const sdkLoop: VariantPlace = { name: 'sdk-loop', module: loop };
const keepAlive: VariantPlace = { name: 'sdk-loop-keep-alive', module: loop, settings: { keepAlive: true } };
const withZod: VariantPlace = { name: 'sdk-loop-zod', module: loop, settings: { keepAlive: true, zod: true } };
const mapping: VariantPlace = { name: 'event-source-mapping', module: 'bench/peers/event-source-mapping.ts' };

export const e2eCount: Scenario = {
  name: 'e2e-count',
  what: `${counting}; a unit is an event`,
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-count.ts', nodeFlags: heapOptions },
    ...[sdkLoop, keepAlive, withZod],
    { name: 'lifion-kinesis', module: 'bench/peers/lifion-kinesis.ts' },
    mapping,
    { name: 'floor', module: 'bench/peers/floor.ts' },
  ],
  answers,
  callsATurn: 30,
  ratios: { 'sdk-loop': 3 },
};

export const e2eCountObjects: Scenario = {
  name: 'e2e-count-objects',
  what: `${counting}, without a schema: user functions see what JSON.parse made; a unit is an event`,
  variants: [
    {
      name: 'sluice',
      module: 'test/bench/scenarios/sluice-count.ts',
      settings: { schema: false },
      nodeFlags: heapOptions,
    },
    ...[sdkLoop, keepAlive, mapping],
  ],
  answers,
  callsATurn: 30,
};
