/** How each panel is drawn, by its id. The order of the page is the server's: `../../panels/index.ts`. */
import { charts } from './charts.js';
import { deadLetters } from './dead-letters.js';
import { findings } from './findings.js';
import { loop } from './loop.js';
import { reconciliation } from './reconciliation.js';
import { results } from './results.js';
import { shards } from './shards.js';
import { state } from './state.js';
import { waterfall } from './waterfall.js';

export const panels = {
  findings,
  loop,
  reconciliation,
  waterfall,
  shards,
  results,
  state,
  'dead-letters': deadLetters,
  rates: charts('Rates'),
  lag: charts('Lag'),
  windows: charts('Watermark and windows'),
  cost: charts('Cost so far'),
  'left-out': charts('Late and dead'),
};
