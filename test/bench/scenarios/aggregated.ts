import type { Scenario } from '../../../bench/side-by-side/scenario.ts';

/** 54 KB each: 270 events of 200 bytes. */
export const aggregated: Scenario = {
  name: 'aggregated',
  what: 'records of 54 KB that hold 270 events each, 20 an answer over TLS, digests checked, events counted; a unit is an event',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-count.ts' },
    { name: 'aws-kinesis-agg', module: 'bench/peers/sdk-aggregated.ts' },
  ],
  answers: { records: 20, bytes: 200, keys: 50, eventsARecord: 270 },
  callsATurn: 10,
};
