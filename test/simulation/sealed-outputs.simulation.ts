/**
 * Events for a view and for streams that are sent to after the seal, beside one that is sent to while reading: whichever write a function
 * dies before or behind, and whose answer is lost, in the end each event of a committed batch is in all of them as it should, and no other.
 */
import { expect, it } from 'vitest';
import { placesOf } from './faults/places.ts';
import { plainScenario } from './world/plain-scenario.ts';
import type { Scenario } from './world/scenario.ts';
import { World } from './world/world.ts';

const scenario: Scenario = {
  ...plainScenario,
  ...{ kind: 'map-only', parallelism: 2, startingPosition: 'TRIM_HORIZON', shardsPerTask: 1, durationMs: 20_000 },
  ...{ triggerMs: 2_000, describeMs: 10_000, further: { refuses: false }, sealed: ['main'], hasView: true },
};
const crash = { kind: 'crash', size: 0 } as const;
const lost = { kind: 'lost', size: 0 } as const;
const fates = {
  'a crash before': [crash, 'before'],
  'a crash behind': [crash, 'after'],
  'a lost answer of': [lost, 'after'],
} as const;

const places = placesOf(scenario).filter(({ isWrite, often }) => isWrite && often >= 20);
it.each(places.flatMap(({ step, call }) => Object.keys(fates).map((fate) => [fate, step, call] as const)))(
  '%s %s/%s leaves nothing behind and nothing out',
  async (name, step, call) => {
    const [fault, when] = fates[name as keyof typeof fates];
    const struck = [2, 3, 7].map((occurrence) => ({ ...fault, step, call, when, occurrence }));
    // Small ones lie in their block else.
    const keptLimits = call === 'put-partials' ? { keptLimits: { mostOfGroup: 0, mostOfBlock: 0 } } : {};
    const { violations, hits } = await new World({
      ...{ seed: 5, faults: struck },
      scenario: { ...scenario, ...keptLimits },
    }).run();
    expect(violations).toEqual([]);
    expect([...hits.values()].reduce((sum, count) => sum + count, 0)).toBe(3);
  },
);
