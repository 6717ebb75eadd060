import { describe, expect, it } from 'vitest';
import { parseScript } from './faults/fault.ts';
import { drawRun } from './run-seed.ts';
import { Dimensions, dimensionNames, drawnBy } from './world/dimensions.ts';
import { plainScenario } from './world/plain-scenario.ts';
import type { Scenario } from './world/scenario.ts';

const seeds = 4_000;
const scenarioOf = (given: Partial<Scenario>): Scenario => ({ ...plainScenario, ...given });
const outcome = {
  ...{
    seed: 1,
    violations: [],
    hits: new Map(),
    events: 200,
    batches: 15,
    isCutShort: false,
    reshards: 0,
    late: 0,
    lost: 0,
    resentElsewhere: 0,
  },
  ...{ outputs: 0, executions: 1, invocations: 1, requests: 1, virtualMs: 1, traceHash: '' },
};

describe('the dimensions of a run', () => {
  it('are those that its scenario has', () => {
    const without = drawnBy(scenarioOf({ availableNow: false, oddShare: 0 }), []);
    const withBoth = drawnBy(scenarioOf({ availableNow: true, oddShare: 0.1 }), []);
    expect(without).not.toContain('available now');
    expect(withBoth).toEqual(expect.arrayContaining(['available now', 'odd events']));
  });

  it('count where they matter, and only where they were drawn', () => {
    const dimensions = new Dimensions(scenarioOf({ availableNow: true, failOnDataLoss: false }), []);
    dimensions.count('available now');
    dimensions.count('available now', 2);
    dimensions.count('fails on data loss');
    const counts = dimensions.of(outcome);
    expect(counts.get('available now')).toBe(3);
    expect(counts.has('fails on data loss')).toBe(false);
  });

  it('are seen in what a run came to, where that shows them', () => {
    const hits = new Map([
      ['time-jump', 1],
      ['deploy plan-batch/invoke after', 3],
      ['throttle seal-batch/seal before', 5],
    ]);
    const outage = parseScript('time-jump:1@t30000+90000000');
    const counts = new Dimensions(scenarioOf({ consumerType: 'switches' }), outage).of({ ...outcome, hits, lost: 4 });
    expect(counts.get('switches of fan-out')).toBe(3);
    expect(counts.get('an outage past retention')).toBe(4);
    expect(counts.get('an outage of hours')).toBe(1);
  });
});

it(`each dimension is drawn by some of the first ${seeds} seeds`, () => {
  const drawn = new Set<string>();
  for (let seed = 1; seed <= seeds; seed++) {
    const { scenario, faults } = drawRun(seed);
    for (const name of drawnBy(scenario, faults)) drawn.add(name);
  }
  for (const [seed, profile] of [
    [14, 'view'],
    [6, 'calls'],
    [8, 'calls'],
    [1, 'chain'],
    [1, 'files'],
    [1, 'waves'],
    [2, 'waves'],
    [3, 'waves'],
    [34, 'detached-others'],
    [308, 'detached-others'],
    [3, 'detached-others'],
    [1, 'detached-rewound'],
    [1, 'fenced'],
    [6, 'kept-letters'],
    [10, 'kept-letters'],
  ] as const) {
    const { scenario, faults } = drawRun(seed, profile);
    for (const name of drawnBy(scenario, faults)) drawn.add(name);
  }
  expect(dimensionNames.filter((name) => !drawn.has(name))).toEqual([]);
});
