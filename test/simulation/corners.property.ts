/** What is drawn of one dimension does not depend on what is drawn of another, nor on whether there is another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';
import { corners, withCorners } from './world/corners.ts';
import { drawScenario, type Scenario } from './world/scenario.ts';

const scenarioOf = (seed: number): Scenario => drawScenario(new Random(seed));
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const names = Object.keys(corners);

/** What each of these corners gets of chance, in this order, if all draw as much as they like. */
function chanceOf(among: readonly string[], seed: number): Map<string, readonly number[]> {
  const drawn = new Map<string, readonly number[]>();
  const greedy = among.map((name, at) => {
    const draw = (random: Random): Partial<Scenario> => {
      drawn.set(
        name,
        Array.from({ length: 3 }, () => random.next()),
      );
      for (let more = 0; more < 10 * at; more++) random.next();
      return {};
    };
    return [name, { share: 1, draw }] as const;
  });
  withCorners(new Random(seed), scenarioOf(seed), Object.fromEntries(greedy));
  return drawn;
}

describe('corners', () => {
  it('get the same chance whichever of the others there are, in whatever order, and however much they draw', () => {
    fc.assert(
      fc.property(seeds, fc.shuffledSubarray(names), (seed, some) => {
        const all = chanceOf(names, seed);
        for (const [name, chance] of chanceOf(some, seed)) expect(chance).toEqual(all.get(name));
      }),
    );
  });

  it('get chance of their own: no two the same', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const first = [...chanceOf(names, seed).values()].map(([one]) => one);
        expect(new Set(first).size).toBe(names.length);
      }),
    );
  });

  it('change nothing where they are not drawn', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const scenario = scenarioOf(seed);
        const never = Object.entries(corners).map(([name, corner]) => [name, { ...corner, share: 0 }]);
        expect(withCorners(new Random(seed), scenario, Object.fromEntries(never))).toBe(scenario);
      }),
    );
  });
});
