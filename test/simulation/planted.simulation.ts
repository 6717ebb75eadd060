/**
 * Planted faults, each by the seed and the script that showed it: the harness still finds it. Every eighth one is shown here, since a broken product is a
 * bundle of its own; `npm run simulate -- --planted --only-stale` shows all of them, and `SLUICE_PLANTED=all` here.
 */
import { describe, expect, it } from 'vitest';
import { describeScript, parseScript } from './faults/fault.ts';
import { replayBroken } from './planted/broken-product.ts';
import { findings } from './planted/findings.ts';
import { plantedFaults } from './planted/planted-faults.ts';

const shown = findings.filter((_, at) => at % 8 === 0 || process.env.SLUICE_PLANTED === 'all');

describe.concurrent('a planted fault is found again', () => {
  it.each(shown.map((finding) => [finding.name, finding] as const))('%s', async (name, { found }) => {
    const fault = plantedFaults.find((each) => each.name === name)!;
    expect(await replayBroken(fault, found)).toMatchObject([{ invariant: found.invariant, seed: found.seed }]);
  });
});

describe('what was found', () => {
  it('is every planted fault, within the first 1,000 seeds', () => {
    expect(findings.map(({ name }) => name)).toEqual(plantedFaults.map(({ name }) => name));
    expect(Math.max(...findings.map(({ found }) => found.seed))).toBeLessThanOrEqual(1000);
  });

  it('is a script that can be typed', () => {
    for (const { found } of findings) expect(describeScript(parseScript(found.faults))).toBe(found.faults);
  });
});
