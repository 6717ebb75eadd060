/** Events of subscriptions, by HTTP/2 and with their checksums. */

import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { heapOptions } from '../../../infra/node-options.ts';

export const fanOut: Scenario = {
  name: 'fan-out',
  what: 'SubscribeToShard over TLS, events of 500 records of 200 bytes; a unit is a record',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-subscriptions.ts', nodeFlags: heapOptions },
    { name: 'sdk', module: 'bench/peers/sdk-subscriptions.ts' },
  ],
  answers: { records: 500, bytes: 200, keys: 50 },
  callsATurn: 25,
};
