/** Records into a stream, as reducers send them: nothing is read. */

import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { heapOptions } from '../../../infra/node-options.ts';

const peer = 'bench/peers/sdk-put.ts';

export const putRecords: Scenario = {
  name: 'put-records',
  what: 'PutRecords over TLS, 500 records of 300 bytes a call; a unit is a record',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-put.ts', nodeFlags: heapOptions },
    { name: 'sdk', module: peer },
    { name: 'sdk-keep-alive', module: peer, settings: { keepAlive: true } },
  ],
  answers: { records: 500, bytes: 300, keys: 50 },
  callsATurn: 100,
};
