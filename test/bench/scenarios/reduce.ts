/** What executors have counted becomes windows, with the state between two batches: of few windows, and of many of which a batch changes few. */
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import type { CycleSize } from './whole-cycle.ts';

const wholeState = 'test/bench/scenarios/whole-state.ts';

const scenarioOf = (settings: CycleSize): Scenario => ({
  name: `reduce-${settings.entries}`,
  what: `one key group of ${settings.entries.toLocaleString('en')} open windows, of which a batch changes ${settings.touched * 100} %, until all have closed; a unit is a partial`,
  measure: 'CPU us of the reduce',
  variants: [
    { name: 'sluice', module: 'test/bench/scenarios/sluice-reduce.ts' },
    { name: 'whole-state', module: wholeState, settings: { stored: true } },
    { name: 'map-in-memory', module: wholeState, settings: { stored: false } },
  ],
  callsATurn: 1,
  settings,
});

export const reduces: readonly Scenario[] = [
  scenarioOf({ entries: 2_000, touched: 0.1 }),
  scenarioOf({ entries: 100_000, touched: 0.01 }),
];
