/** What is allocated to read a record, on the heap and beside it. */
import { withoutCollecting } from '../../../bench/side-by-side/allocated.ts';
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';

const settings = { allocated: true, keepAlive: true };
const nodeFlags = withoutCollecting;

export const allocation: Scenario = {
  name: 'allocation',
  what: 'GetRecords over TLS, 10,000 records of 200 bytes an answer; a unit is a record',
  measure: 'bytes',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-calls.ts', settings, nodeFlags },
    { name: 'sdk-keep-alive', module: 'bench/peers/sdk-calls.ts', settings, nodeFlags },
  ],
  answers: { records: 10_000, bytes: 200, keys: 50 },
  callsATurn: 3,
};
