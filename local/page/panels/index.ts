/** All panels, in the order of the page. Each has a file of the same id in `../assets/panels/`, or is drawn as charts. */
import { costPanel, lagPanel, leftOutPanel, ratesPanel, windowsPanel } from './charts.ts';
import { deadLettersPanel } from './dead-letters.ts';
import { findingsPanel } from './findings.ts';
import { loopPanel } from './loop.ts';
import type { Panel } from './panel.ts';
import { reconciliationPanel } from './reconciliation.ts';
import { resultsPanel } from './results.ts';
import { shardsPanel } from './shards.ts';
import { statePanel } from './state.ts';
import { waterfallPanel } from './waterfall.ts';

export const panels: readonly Panel[] = [
  findingsPanel,
  ratesPanel,
  lagPanel,
  loopPanel,
  reconciliationPanel,
  waterfallPanel,
  shardsPanel,
  windowsPanel,
  leftOutPanel,
  costPanel,
  deadLettersPanel,
  resultsPanel,
  statePanel,
];
