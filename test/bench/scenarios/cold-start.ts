/** A function's start and first call: its bundle is loaded, a page is read and counted, and what is to be kept is put into a table. */
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';

const peer = 'bench/peers/start.ts';

export const coldStart: Scenario = {
  name: 'cold-start',
  what: 'a start of the function that reads, with one page of 100 records of 200 bytes; a unit is a start',
  measure: 'CPU us',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-start.ts' },
    { name: 'sdk-bundled', module: peer, settings: { sdk: 'bundled' } },
    { name: 'sdk-of-the-runtime', module: peer, settings: { sdk: 'of the runtime' } },
  ],
  answers: { records: 100, bytes: 200, keys: 50 },
  callsATurn: 2,
};
