/** Calls of GetRecords that bring little: most of a call is the call. */

import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { heapOptions } from '../../../infra/node-options.ts';

const peer = 'bench/peers/sdk-calls.ts';

/** The least that was measured with other work on the machine; with nothing else on it 4.4. */
const ratios: Readonly<Record<number, Scenario['ratios']>> = { 0: { sdk: 3.1 } };

export const smallBatches: readonly Scenario[] = [0, 1, 10, 100, 500].map((records) => ({
  name: `small-batches-${records}`,
  what: `GetRecords over TLS, ${records} records of 200 bytes an answer; a unit is a call`,
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-calls.ts', nodeFlags: heapOptions },
    { name: 'sdk', module: peer },
    { name: 'sdk-keep-alive', module: peer, settings: { keepAlive: true } },
  ],
  answers: { records, bytes: 200, keys: 50 },
  callsATurn: 200,
  ...(ratios[records] === undefined ? {} : { ratios: ratios[records] }),
}));

const pages = { answers: { records: 10_000, bytes: 200, keys: 50 } };

/** What Sluice's client makes of a full page, against what the SDK's does. */
export const answers: Scenario = {
  ...{ name: 'answers', what: 'GetRecords over TLS, 10,000 records of 200 bytes an answer; a unit is a call' },
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-calls.ts', nodeFlags: heapOptions },
    { name: 'sdk', module: peer },
    { name: 'sdk-keep-alive', module: peer, settings: { keepAlive: true } },
  ],
  ...pages,
  callsATurn: 10,
  ratios: { sdk: 2.3 },
};
