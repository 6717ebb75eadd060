import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { heapOptions } from '../../../infra/node-options.ts';

/** 54 KB each: 270 events of 200 bytes, with keys of their own. */
const answers = { records: 20, bytes: 200, keys: 50, eventsARecord: 270 };

/** Most of it is the same for both: an answer by TLS, base64, JSON of each event, counting. `deaggregation` leaves all that out. */
export const aggregated: Scenario = {
  name: 'aggregated',
  what: 'records of 54 KB that hold 270 events each, 20 an answer over TLS, digests checked, events counted; a unit is an event',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-count.ts', nodeFlags: heapOptions },
    { name: 'aws-kinesis-agg', module: 'bench/peers/sdk-aggregated.ts' },
  ],
  answers,
  callsATurn: 10,
};

const library = 'bench/peers/agg-deaggregate.ts';

/** From a record's bytes to key and payload of each event, and nothing else. */
export const deaggregation: Scenario = {
  name: 'deaggregation',
  what: 'records of 54 KB in memory taken apart, digests checked, key and payload of each event looked at; a unit is an event',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-deaggregate.ts', nodeFlags: heapOptions },
    { name: 'aws-kinesis-agg', module: library, settings: { payloads: 'base64' } },
    { name: 'aws-kinesis-agg-bytes', module: library, settings: { payloads: 'bytes' } },
  ],
  answers,
  callsATurn: 30,
  ratios: { 'aws-kinesis-agg': 3.3 },
};
